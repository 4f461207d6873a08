// Runs in a worker: errors that nobody caught. Node's own policy stays: they end the process. They are told in the error log first, and
// what has gathered in the log pipe is written whatever the way in which the process ends.

import type { Output } from './output.ts'

export function watchFaults(process: NodeJS.Process, output: Output): void {
  process.on('uncaughtExceptionMonitor', (error, origin) => {
    const what = origin === 'unhandledRejection' ? 'an unhandled rejection' : 'an uncaught exception'
    output.log().fatal({ err: error }, `${what} ends this worker: ${error instanceof Error ? error.message : String(error)}`)
    output.finish()
  })
  process.on('exit', () => output.finish())
}
