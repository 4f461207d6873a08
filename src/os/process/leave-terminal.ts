// Runs in an arbiter in the background, once it serves: its standard error was a pipe to the command that
// started it, and that command exits. A later write, for example a warning of Node's, would fail with EPIPE.

import { closeSync, openSync } from 'node:fs'
import { loadNative } from '../system/native.ts'

/** Redirects standard error to /dev/null, which closes the pipe. Without dup2 it only ignores EPIPE. */
export function leaveStandardError(): void {
  const native = loadNative()
  // where dup2 is missing, EPIPE must at least not end the arbiter
  process.stderr.on('error', () => undefined)
  if (native instanceof Error) return
  const devNull = openSync('/dev/null', 'w')
  native.dup2(devNull, process.stderr.fd)
  closeSync(devNull)
}
