// Runs in a worker: its end of the channel to the arbiter.

import { openArbiterMessage, seal } from '../ipc/messages.ts'
import type { ArbiterMessage, WorkerMessage } from '../ipc/messages.ts'

export interface Channel {
  send(message: WorkerMessage): Promise<void>
  onMessage(listener: (message: ArbiterMessage) => void): void
  /** The arbiter is gone. */
  onClosed(listener: () => void): void
}

/** Throws when this process was not started by an arbiter. */
export function openChannel(process: NodeJS.Process): Channel {
  if (process.send === undefined) throw new Error('a worker is started by tsgun, not by hand')
  const send = process.send.bind(process)
  return {
    send: (message) =>
      new Promise((resolve) => {
        // A send that fails means that the arbiter is gone, which `disconnect` tells.
        if (process.connected) send(seal(message), undefined, undefined, () => resolve())
        else resolve()
      }),
    onMessage(listener) {
      process.on('message', (value) => {
        const message = openArbiterMessage(value)
        if (message) listener(message)
      })
    },
    onClosed: (listener) => void process.once('disconnect', listener),
  }
}
