// Runs in a worker: its end of the channel to the arbiter.

import { openArbiterMessage, seal, type ArbiterMessage, type WorkerMessage } from '../../ipc/messages.ts'

/** After this call the listener is not called any more. */
export type StopListening = () => void

export interface Channel {
  /** The arbiter is alive, as far as this process knows. */
  readonly isOpen: boolean
  /** Resolves when the message is sent, or cannot be sent because the channel is closed. */
  send(message: WorkerMessage): Promise<void>
  /** `handle`: what was sent with the message, if anything. */
  onMessage(listener: (message: ArbiterMessage, handle: unknown) => void): StopListening
  /** The arbiter has exited, or the app has closed the channel. */
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
        // When a send fails the arbiter has exited, and `disconnect` is emitted.
        if (process.connected) send(seal(message), undefined, undefined, () => resolve())
        else resolve()
      }),
    onMessage(listener) {
      const onValue = (value: unknown, handle: unknown): void => {
        const message = openArbiterMessage(value)
        if (message) listener(message, handle)
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
