// Runs in the arbiter: why a server does not serve, or no longer, as the caller of its start gets it.

import { PidfileError } from '../os/process/pidfile-owner.ts'
import { PreloadFailure } from '../arbiter/preload/preload-process.ts'
import { HookRefusal } from '../config/hooks/runner.ts'
import { exitCodes } from '../ipc/exit-codes.ts'
import { BindError } from '../listen/bind-error.ts'
import { LogOpenError } from '../logging/files/logs.ts'

/**
 * The start has failed: an address in use, a log that cannot be opened, a worker that does not boot, a hook
 * that refuses. `cause` has the error behind it, where there is one.
 */
export class StartError extends Error {
  override readonly name = 'StartError'
  /** The exit code of the command tsgun for the same failure (docs/reference/exit-codes.md). */
  readonly exitCode: number
  /** Whether the error log has it. */
  readonly isLogged: boolean

  constructor(
    message: string,
    exitCode: number,
    { isLogged = true, ...options }: ErrorOptions & { readonly isLogged?: boolean } = {},
  ) {
    super(message, options)
    this.exitCode = exitCode
    this.isLogged = isLogged
  }
}

/** What a user can mend; undefined for a defect of tsgun. */
export function startErrorOf(error: unknown): StartError | undefined {
  const { bootFailed, refused } = exitCodes
  if (error instanceof PreloadFailure) return new StartError(error.message, bootFailed.code, { cause: error })
  if (error instanceof LogOpenError)
    return new StartError(`${error.setting}: ${error.message}`, refused.code, {
      cause: error,
      isLogged: false,
    })
  const isKnown = error instanceof BindError || error instanceof PidfileError || error instanceof HookRefusal
  return isKnown ? new StartError(error.message, refused.code, { cause: error }) : undefined
}
