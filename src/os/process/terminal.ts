// Runs in the arbiter: whether the terminal from which the server was started is still there (tty(4)).

import { closeSync, openSync } from 'node:fs'

/** Call it at the start. Returns a function that returns whether the terminal of the start is closed. */
export function terminalWatch(): () => boolean {
  const hadTerminal = hasTerminal()
  return () => hadTerminal && !hasTerminal()
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false // ENXIO: this process has no controlling terminal
  }
}
