// Runs in a process of a server, loaded when its app uses the bus for the first time: its client.

import type { BusBoot } from '../../ipc/bus-messages.ts'
import { messageOf } from '../../os/error-message.ts'
import { backgroundClock } from '../../os/system/clock.ts'
import { saying } from '../../logging/records/said.ts'
import type { Logger } from '../../logging/records/logger.ts'
import { DropBursts } from '../model/drop-bursts.ts'
import { BusClient } from './client.ts'
import { SocketConnection } from './local/connection.ts'
import { LocalTransport } from './local/local-transport.ts'
import type { Transport, TransportHandlers } from './transport.ts'

export interface OpenOptions {
  readonly bus: BusBoot
  /** As records of the error log name this process: `worker 2`. */
  readonly name: string
  /** The error log. */
  readonly log: () => Pick<Logger, 'warn' | 'error'>
}

/** Throws when the server has no bus. */
export function openClient({ bus, name, log }: OpenOptions): BusClient {
  if ('problem' in bus) throw new Error(bus.problem)
  const drops = new DropBursts(backgroundClock, (messages) => {
    opened.transport?.countDropped(messages)
    log().warn(
      { ...saying('bus_dropped', { messages }) },
      `${messages} messages of the bus dropped, the oldest first: a handler here is too slow for them`,
    )
  })
  const opened: { transport?: Transport } = {}
  const open = (handlers: TransportHandlers): Transport =>
    (opened.transport = openLocal({ path: bus.path, name, log }, handlers))
  return new BusClient({
    clock: backgroundClock,
    open,
    reports: {
      onDrop: () => drops.note(),
      onFailure: (topic, error) =>
        log().error(
          { err: error, ...saying('bus_handler_failed', { topic }) },
          `a handler of the bus has failed on a message to ${topic}: ${messageOf(error)}`,
        ),
    },
  })
}

function openLocal(
  { path, name, log }: Pick<OpenOptions, 'name' | 'log'> & { readonly path: string },
  handlers: TransportHandlers,
): LocalTransport {
  return new LocalTransport(
    {
      path,
      greeting: { pid: process.pid, name },
      clock: backgroundClock,
      connect: (to, connectionHandlers) => new SocketConnection(to, connectionHandlers),
      later: (callback) => void setImmediate(callback),
      onDropped: (messages) =>
        log().warn(
          { ...saying('bus_dropped', { messages }) },
          `${messages} messages of the bus dropped, the oldest first: this process publishes more than can ` +
            'be sent',
        ),
    },
    handlers,
  )
}
