// Runs in a worker: the worker class that serves its app.

import { isClassName } from '../../config/app/worker-class-setting.ts'
import type { Settings } from '../../config/settings/table.ts'
import { workerClasses } from '../../serving/classes/table.ts'
import type { WorkerClass } from '../../serving/classes/worker-class.ts'
import type { OwnClass } from './own-class.ts'

export interface ChosenClass {
  /** Whether it serves one request at a time. */
  readonly isSync: boolean
  readonly serve: WorkerClass
}

/** `ownClass`: absent with a class that tsgun has, and where the user's own has failed to boot. */
export function chooseClass(
  { worker_class: value }: Pick<Settings, 'worker_class'>,
  ownClass: OwnClass | undefined,
): ChosenClass {
  const name = ownClass?.base ?? (isClassName(value) ? value : 'async')
  const base = workerClasses[name]
  return { isSync: name === 'sync', serve: ownClass?.extend(base) ?? base }
}
