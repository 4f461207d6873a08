// Runs in the command before it serves: told to end while it loads the config, it ends like a server that
// stops, and takes its temporary files with it.

import { exitCodes } from '../ipc/exit-codes.ts'

const signals = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const

/**
 * Ends the process with exit code 0 at the first of the signals, after `cleanUp`. Answers a function that
 * gives the signals free.
 */
export function stopEarly(process: NodeJS.Process, cleanUp: () => void): () => void {
  const stop = (): void => {
    cleanUp()
    process.exit(exitCodes.ok.code)
  }
  for (const signal of signals) process.on(signal, stop)
  return () => {
    for (const signal of signals) process.off(signal, stop)
  }
}
