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
import type { Remote } from './remote/open.ts'
import type { Transport, TransportHandlers } from './transport.ts'

export interface OpenOptions {
  readonly bus: BusBoot
  /** With a URL in the setting `bus`; absent: the broker of the server. */
  readonly remote?: Remote | undefined
  /** As records of the error log name this process: `worker 2`. */
  readonly name: string
  /** The error log. */
  readonly log: () => Pick<Logger, 'info' | 'warn' | 'error'>
}

/** Throws when the server has no bus. */
export function openClient({ bus, remote, name, log }: OpenOptions): BusClient {
  const drops = new DropBursts(backgroundClock, (messages) => {
    opened.transport?.countDropped(messages)
    log().warn(
      { ...saying('bus_dropped', { messages }) },
      `${messages} messages of the bus dropped, the oldest first: a handler here is too slow for them`,
    )
  })
  const opened: { transport?: Transport } = {}
  const open = (handlers: TransportHandlers): Transport =>
    (opened.transport = remote
      ? openRemote(remote, log, handlers)
      : openLocal({ path: pathOf(bus), name, log }, handlers))
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

function openRemote(remote: Remote, log: OpenOptions['log'], handlers: TransportHandlers): Transport {
  const { shown } = remote
  return remote.open(
    {
      onDropped: reportDropped(log),
      onOutage: (reason) =>
        log().error(
          { ...saying('bus_unreachable') },
          `bus: ${shown} cannot be reached: ${reason}; trying again`,
        ),
      onRecovery: () => log().info({ ...saying('bus_reachable') }, `bus: ${shown} can be reached again`),
    },
    handlers,
  )
}

function pathOf(bus: BusBoot): string {
  if ('problem' in bus) throw new Error(bus.problem)
  return bus.path
}

function reportDropped(log: OpenOptions['log']): (messages: number) => void {
  return (messages) =>
    log().warn(
      { ...saying('bus_dropped', { messages }) },
      `${messages} messages of the bus dropped, the oldest first: this process publishes more than can ` +
        'be sent',
    )
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
      onDropped: reportDropped(log),
    },
    handlers,
  )
}
