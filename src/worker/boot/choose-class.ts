// Runs in a worker: the worker class that serves its app.

import { isClassName } from '../../config/app/worker-class-setting.ts'
import type { Settings } from '../../config/settings/table.ts'
import { serveExtended } from '../../serving/classes/extended.ts'
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
  const isSync = name === 'sync'
  if (ownClass === undefined) return { isSync, serve: base }
  return {
    isSync,
    serve(options) {
      const serving = serveExtended({ ...ownClass, base }, options)
      ownClass.follow(serving)
      return serving
    },
  }
}
