// Workers. Imports packages that the project of the user has installed, such as the client of an outside
// server, as the app does.

import { dirname } from 'node:path'
import { importFrom } from '../../modules/import-from.ts'
import { hasCode } from '../../os/error-code.ts'
import type { BootContext } from './context.ts'

/**
 * Resolves with what the package exports. Rejects with `missing` and how to install it when it is not
 * installed.
 */
export type LoadPackage = (name: string, missing: string) => Promise<unknown>

export function packagesOf({ message, system }: Pick<BootContext, 'message' | 'system'>): LoadPackage {
  const { appFile } = message
  const directory = appFile === null ? system.directory() : dirname(appFile)
  return async (name, missing) => {
    try {
      return await importFrom(directory, name)
    } catch (cause) {
      if (!hasCode(cause, 'ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND')) throw cause
      throw new Error(`${missing}: npm install ${name}`, { cause })
    }
  }
}
