// Access to a file that another master may have compressed or removed since its name was read. Runs in the
// arbiter.

import { hasCode } from '../../os/error-code.ts'

/** Resolves with undefined when the file does not exist (ENOENT). Rejects for any other error. */
export async function ifExists<Found>(access: Promise<Found>): Promise<Found | undefined> {
  try {
    return await access
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}
