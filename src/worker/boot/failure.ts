// Runs in a worker: what stopped its boot, as the error log shows it. Our own errors are sentences whose
// stacks do not help the user: the stack shown is that of their cause, the user's error, if there is one.

import { AppBootError, AppError } from '../../config/app/errors.ts'
import { HookRefusal } from '../../config/hooks/runner.ts'
import type { ErrorReport } from '../../ipc/messages.ts'
import { describeError } from '../../logging/records/describe-error.ts'

/** Returns an empty stack when there is nothing to add to the message. */
export function describeBootFailure(error: unknown): ErrorReport {
  const isOurs = error instanceof AppError || error instanceof AppBootError || error instanceof HookRefusal
  if (!isOurs) return describeError(error)
  return { message: error.message, stack: error.cause === undefined ? '' : describeError(error.cause).stack }
}
