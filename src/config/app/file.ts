// Runs in the arbiter: the file that a generation's workers take the app from, whatever a link on the way to
// it means later.

import { realpathSync } from 'node:fs'
import { parseReference } from './reference.ts'
import { resolveModule } from './resolve-module.ts'

/**
 * Without links in its path; null for an app that cannot be found: the worker that loads it says what is
 * wrong.
 */
export function findAppFile(app: string, directory: string): string | null {
  try {
    return realpathSync(resolveModule(parseReference(app).module, directory))
  } catch {
    return null
  }
}
