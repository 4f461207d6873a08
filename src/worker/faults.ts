// Runs in a worker: errors that nobody caught. Node's own policy stays: they end the process. They are told in the error log first, and
// what has gathered in the log pipe is written whatever the way in which the process ends.

import { describeError } from '../logging/describe-error.ts'
import type { Output } from './output.ts'

export function watchFaults(process: NodeJS.Process, output: Output): void {
  process.on('uncaughtExceptionMonitor', (error, origin) => {
    const what = origin === 'unhandledRejection' ? 'an unhandled rejection' : 'an uncaught exception'
    // Node asks the app's own handler next, and then goes on.
    const handled = process.listenerCount('uncaughtException') > 0
    const outcome = handled ? "is left to the app's own handler" : 'ends this worker'
    output.log()[handled ? 'error' : 'fatal']({ err: error }, `${what} ${outcome}: ${describeError(error).message}`)
    if (handled) return
    output.finish()
    process.setSourceMapsEnabled(true) // so that Node leaves out its excerpt of the code, whose line is that of compiled code
  })
  process.on('exit', () => output.finish())
}
