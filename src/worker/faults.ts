// Runs in a worker: uncaught errors. Node's own policy stays: they end the process, with its exit code. They
// are logged first, and buffered log lines are written however the process ends.

import { describeError } from '../logging/records/describe-error.ts'
import type { Output } from './process/output.ts'

export function watchFaults(process: NodeJS.Process, output: Output): void {
  process.on('uncaughtExceptionMonitor', (error, origin) => {
    const what = origin === 'unhandledRejection' ? 'an unhandled rejection' : 'an uncaught exception'
    // Node calls the app's own handler next, and the process keeps running.
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
 * Node would print an excerpt of compiled code with a line number that the TypeScript file does not have. So
 * at the end of the exit that Node has begun, after the app's own `exit` listeners, the error is printed here
 * and the process ends before Node prints it.
 */
function printInstead(process: NodeJS.Process, error: unknown): void {
  process.once('exit', () => {
    process.stderr.write(`${describeError(error).stack}\n\nNode.js ${process.version}\n`)
    process.exit() // with the code that Node, or the app at its exit, has set
  })
}
