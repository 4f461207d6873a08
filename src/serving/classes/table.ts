// The worker classes by the name that `worker_class` gives.

import type { Settings } from '../../config/settings/table.ts'
import { serveAsync } from './async.ts'
import { serveSync } from './sync.ts'
import type { WorkerClass } from './worker-class.ts'

export const workerClasses = { async: serveAsync, sync: serveSync } as const satisfies Record<
  Settings['worker_class'],
  WorkerClass
>
