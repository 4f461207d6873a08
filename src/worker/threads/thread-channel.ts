// Runs in a thread that serves: its channel to the arbiter, by way of the main thread.

import type { MessagePort } from 'node:worker_threads'
import type { WorkerMessage } from '../../ipc/messages.ts'
import type { Channel } from '../process/channel.ts'
import type { ToThread } from './messages.ts'

/** It is never closed: when the arbiter has exited, the main thread orders the end. */
export function threadChannel(
  port: Pick<MessagePort, 'on' | 'off'>,
  send: (message: WorkerMessage) => void,
): Channel {
  return {
    isOpen: true,
    send(message) {
      send(message)
      return Promise.resolve()
    },
    onMessage(listener) {
      const onValue = (value: ToThread): void => {
        if (value.kind === 'order') listener(value.order, undefined)
      }
      port.on('message', onValue)
      return () => void port.off('message', onValue)
    },
    onClosed: () => () => undefined,
  }
}

export function waitForIdentity(port: Pick<MessagePort, 'on' | 'off'>): Promise<void> {
  return new Promise((resolve) => {
    const onValue = ({ kind }: ToThread): void => {
      if (kind !== 'identity') return
      port.off('message', onValue)
      resolve()
    }
    port.on('message', onValue)
  })
}
