// Runs in a worker, once at boot: the errors of the user's code.

import { missingImport } from '../config/problems/missing-import.ts'
import { messageOf } from '../os/error-message.ts'
import { loadingShortageOf } from '../os/limits/shortage.ts'
import { rootCause } from '../os/root-cause.ts'
import { AppBootError, AppError } from '../config/app/errors.ts'

/** An error of syntax in TypeScript begins with its place. */
const withPlace = /^\/.*:\d+:\d+: /

/** Runs code of the user; any error but an AppError becomes an AppBootError. `file`: if it is loaded. */
export async function withBootError<Result>(
  what: string,
  run: () => Promise<Result>,
  file?: string,
): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof AppError) throw error
    const wrongImport = missingImport(error)
    if (wrongImport !== undefined) throw new AppBootError(wrongImport)
    const root = rootCause(error)
    const message = loadingShortageOf(root) ?? (await placeOf(root, file)) ?? messageOf(root)
    throw new AppBootError(withPlace.test(message) ? message : `${what}: ${message}`, { cause: error })
  }
}

/** Node says where an error of syntax is only when the process exits because of it. */
async function placeOf(error: unknown, file: string | undefined): Promise<string | undefined> {
  if (!(error instanceof SyntaxError) || file === undefined || withPlace.test(error.message)) return undefined
  const { whereBroken } = await import('../config/problems/broken-source.ts') // it loads the compiler
  return whereBroken(file)
}
