// Runs in a worker: clients that keep a connection and do not use it. A body may take as long as it needs, in
// either direction, but not without a byte for `body_timeout`. How long a head may take is checked by Node.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { Connection } from '../connections/connection.ts'
import { awaitsContinue } from '../connections/response-head.ts'
import type { Connections } from '../connections/table.ts'
import { afterReads } from '../../os/system/after-reads.ts'
import { bytesSent, bytesUnsent } from '../../os/system/socket-figures.ts'
import { serverOf } from '../../os/system/http-objects.ts'

export interface SlownessLimits {
  /** Milliseconds in which no byte of a body moves; 0 means no limit. */
  readonly bodySilence: number
  /** Milliseconds without a request, whatever the client sends meanwhile. */
  readonly idle: number
}

/** Checks for slow clients from now on, in this interval (milliseconds). */
export function watchSlowClients(
  connections: Connections,
  limits: SlownessLimits,
  interval: number,
): NodeJS.Timeout {
  const slow = new SlowClients(connections, limits)
  return setInterval(() => afterReads(() => endSlow(slow, performance.now())), interval).unref()
}

function endSlow(slow: SlowClients, now: number): void {
  for (const { socket, session } of slow.idle(now)) {
    if (session) session.close()
    else socket.destroySoon()
  }
  for (const { connection, isSending } of slow.stalled(now)) end(connection.socket, isSending)
}

/** A client that does not send gets a 408, one that does not read can get nothing. */
function end(socket: Socket, isSending: boolean): void {
  if (!isSending) return void socket.destroy()
  serverOf(socket)?.emit('clientError', timeoutError(), socket)
}

/**
 * What Node itself emits for a request that arrives too slowly. The status is for the error handling of apps.
 */
export function timeoutError(): Error {
  return Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT', status: 408 })
}

interface Silence {
  readonly response: ServerResponse
  /** Received and sent on the connection. */
  readonly bytes: number
  /** Milliseconds on the monotonic clock. */
  readonly since: number
}

export interface Stalled {
  readonly connection: Connection
  /** It is the client that has to send; else it has to read. */
  readonly isSending: boolean
}

export class SlowClients {
  readonly #connections: Connections
  readonly #limits: SlownessLimits
  #silences = new Map<Connection, Silence>()

  constructor(connections: Connections, limits: SlownessLimits) {
    this.#connections = connections
    this.#limits = limits
  }

  /** Returns the connections whose body has been silent for the limit. */
  stalled(now: number): readonly Stalled[] {
    const { bodySilence } = this.#limits
    const [before, silences] = [this.#silences, new Map<Connection, Silence>()]
    this.#silences = silences
    const stalled: Stalled[] = []
    for (const connection of bodySilence > 0 ? this.#connections.all() : []) {
      const { response, isSending } = waitsFor(connection)
      if (response === undefined) continue
      const bytes = connection.socket.bytesRead + bytesSent(connection.socket)
      const last = before.get(connection)
      const isSilent = last?.response === response && last.bytes === bytes
      const silence = isSilent ? last : { response, bytes, since: now }
      if (now - silence.since >= bodySilence) stalled.push({ connection, isSending })
      else silences.set(connection, silence)
    }
    return stalled
  }

  /** Returns the connections that have had no request for the limit. */
  idle(now: number): readonly Connection[] {
    const { idle } = this.#limits
    return [...this.#connections.all()].filter((each) => isIdle(each) && now - each.idleSince >= idle)
  }
}

function isIdle({ used, inFlight, upgrade, session, streams, stream }: Connection): boolean {
  if (session) return streams === 0
  return used && inFlight === 0 && !upgrade && !stream.newest && !stream.isOver
}

/** The request that waits for its client, and for what. */
function waitsFor(connection: Connection): Waits {
  const { stream, upgrade } = connection
  const { newest, current } = stream
  if (upgrade) return { response: undefined, isSending: false }
  if (newest && isReceiving(newest)) return { response: newest, isSending: true }
  return { response: current && bytesUnsent(connection.socket) > 0 ? current : undefined, isSending: false }
}

interface Waits {
  readonly response: ServerResponse | undefined
  readonly isSending: boolean
}

/** Whether it is the client who has to go on: not when the app is slow to read what has arrived. */
function isReceiving(response: ServerResponse): boolean {
  const { complete, readableLength } = response.req
  return !complete && readableLength === 0 && !awaitsContinue(response)
}
