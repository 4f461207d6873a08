// The worker classes by the name that `worker_class` gives.

import type { Settings } from '../../config/settings/table.ts'
import { serveAsync } from './async.ts'
import { serveSync } from './sync.ts'
import type { WorkerClass } from './worker-class.ts'

/** In the class `threads` each thread serves as a worker of the class `async` does. */
export const workerClasses = {
  async: serveAsync,
  sync: serveSync,
  threads: serveAsync,
} as const satisfies Record<Settings['worker_class'], WorkerClass>
