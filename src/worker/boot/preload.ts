// Runs in a worker, before the config and the app are loaded: the modules of the setting `import`, one after
// another, so that what one of them registers (loader hooks, instrumentation) is there for the next.

import type { Preload } from '../../config/app/preloads.ts'
import { AppBootError } from '../../config/app/errors.ts'
import { messageOf } from '../../os/error-message.ts'
import { rootCause } from '../../os/root-cause.ts'
import { importFrom } from '../../modules/import-from.ts'

export interface PreloadParts {
  readonly modules: readonly Preload[]
  readonly load: (file: string) => Promise<unknown>
  /** Where the names of packages are looked up. */
  readonly directory: string
}

/** Rejects with an AppBootError that names the module. */
export async function loadPreloads({ modules, load, directory }: PreloadParts): Promise<void> {
  for (const { specifier, file } of modules) {
    try {
      await (file === null ? importFrom(directory, specifier) : load(file))
    } catch (error) {
      throw new AppBootError(`import: cannot load ${specifier}: ${messageOf(rootCause(error))}`, {
        cause: error,
      })
    }
  }
}
