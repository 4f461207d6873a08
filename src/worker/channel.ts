// Runs in a worker: its end of the channel to the arbiter.

import { openArbiterMessage, seal, type ArbiterMessage, type WorkerMessage } from '../ipc/messages.ts'

/** Ends what it was answered for: the listener is not called any more. */
export type StopListening = () => void

export interface Channel {
  /** The arbiter lives, as far as this process can tell. */
  readonly isOpen: boolean
  send(message: WorkerMessage): Promise<void>
  onMessage(listener: (message: ArbiterMessage) => void): StopListening
  /** The arbiter is gone. */
  onClosed(listener: () => void): StopListening
}

/** Throws when this process was not started by an arbiter. */
export function openChannel(process: Pick<NodeJS.Process, 'send' | 'connected' | 'on' | 'off'>): Channel {
  if (process.send === undefined) throw new Error('a worker is started by tsgun, not by hand')
  const send = process.send.bind(process)
  return {
    get isOpen() {
      return process.connected
    },
    send: (message) =>
      new Promise((resolve) => {
        // A send that fails means that the arbiter is gone, which `disconnect` tells.
        if (process.connected) send(seal(message), undefined, undefined, () => resolve())
        else resolve()
      }),
    onMessage(listener) {
      const onValue = (value: unknown): void => {
        const message = openArbiterMessage(value)
        if (message) listener(message)
      }
      process.on('message', onValue)
      return () => void process.off('message', onValue)
    },
    onClosed(listener) {
      process.on('disconnect', listener)
      return () => void process.off('disconnect', listener)
    },
  }
}
