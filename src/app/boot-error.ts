// Runs in a worker, once at boot: the errors of the user's code.

import { missingImport } from '../config/problems/missing-import.ts'
import { messageOf } from '../os/error-message.ts'
import { descriptorShortageOf } from '../os/limits/shortage.ts'
import { rootCause } from '../os/root-cause.ts'
import { AppBootError, AppError } from '../config/app/errors.ts'

/** Runs code of the user; any error but an AppError becomes an AppBootError. */
export async function withBootError<Result>(what: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof AppError) throw error
    const wrongImport = missingImport(error)
    if (wrongImport !== undefined) throw new AppBootError(wrongImport)
    const root = rootCause(error)
    const message = descriptorShortageOf(root) ?? messageOf(root)
    // An error of syntax begins with its place.
    const hasPlace = /^\/.*:\d+:\d+: /.test(message)
    throw new AppBootError(hasPlace ? message : `${what}: ${message}`, { cause: error })
  }
}
