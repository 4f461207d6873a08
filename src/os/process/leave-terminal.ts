// Runs in a master in the background, once it serves: its standard error was a pipe to the command that
// started it, and that command goes. Whatever is written there later, a warning of Node's for one, would meet
// a broken pipe.

import { closeSync, openSync } from 'node:fs'
import { loadNative } from '../system/native.ts'

/** Standard error goes to /dev/null from now on; the other end of the pipe sees its end. */
export function leaveStandardError(): void {
  const native = loadNative()
  // where dup2 is missing, the broken pipe must at least not end the master
  process.stderr.on('error', () => undefined)
  if (native instanceof Error) return
  const nowhere = openSync('/dev/null', 'w')
  native.dup2(nowhere, process.stderr.fd)
  closeSync(nowhere)
}
