// The worker classes by the name that `worker_class` gives.

import type { ClassName } from '../../config/app/worker-class-setting.ts'
import { serveAsync } from './async.ts'
import { serveSync } from './sync.ts'
import type { WorkerClass } from './worker-class.ts'

/** In the class `threads` each thread serves as a worker of the class `async` does. */
export const workerClasses = {
  async: serveAsync,
  sync: serveSync,
  threads: serveAsync,
} as const satisfies Record<ClassName, WorkerClass>
