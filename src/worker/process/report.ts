// Runs in a worker, main and watchdog thread: messages to the arbiter through the report pipe, which needs
// neither a live event loop nor the IPC channel.

import { writeSync } from 'node:fs'
import { workerDescriptors } from '../../ipc/environment.ts'
import { seal, type WorkerMessage } from '../../ipc/messages.ts'
import { hasCode } from '../../os/error-code.ts'

/** The pipe holds more than all reports of a worker together, so this does not wait. */
export function sendReport(message: WorkerMessage): void {
  try {
    writeSync(workerDescriptors.report, `${JSON.stringify(seal(message))}\n`)
  } catch (error) {
    if (!hasCode(error, 'EPIPE')) throw error // the master has exited, which the worker finds by itself
  }
}
