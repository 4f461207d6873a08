// Runs in a worker: errors that nobody caught. Node's own policy stays: they end the process, with its exit
// code. They are told in the error log first, and what has gathered in the log pipe is written whatever the
// way in which the process ends.

import { describeError } from '../logging/records/describe-error.ts'
import type { Output } from './output.ts'

export function watchFaults(process: NodeJS.Process, output: Output): void {
  process.on('uncaughtExceptionMonitor', (error, origin) => {
    const what = origin === 'unhandledRejection' ? 'an unhandled rejection' : 'an uncaught exception'
    // Node asks the app's own handler next, and then goes on.
    const handled = process.listenerCount('uncaughtException') > 0
    const outcome = handled ? "is left to the app's own handler" : 'ends this worker'
    output
      .log()
      [handled ? 'error' : 'fatal']({ err: error }, `${what} ${outcome}: ${describeError(error).message}`)
    if (handled) return
    output.finish()
    printInstead(process, error)
  })
  process.on('exit', () => output.finish())
}

/**
 * Node would print an excerpt of compiled code under a line number that the TypeScript file does not have. So
 * the last thing of the exit that Node has begun (after all that the app does there) is that the error is
 * printed here, and the process gone.
 */
function printInstead(process: NodeJS.Process, error: unknown): void {
  process.once('exit', () => {
    process.stderr.write(`${describeError(error).stack}\n\nNode.js ${process.version}\n`)
    process.exit() // with the code that Node, or the app at its exit, has set
  })
}
