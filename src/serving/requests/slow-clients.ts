// Runs in a worker: how much and how slowly a client may send. A head has the time of Node's headersTimeout
// (60 s); a body may take as long as it needs, but may not be silent for longer than that. Node's own limit
// for a whole request (requestTimeout) would end each upload that takes five minutes.

import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { Connection } from '../connections/connection.ts'
import { awaitsContinue } from '../connections/response-head.ts'
import type { Connections } from '../connections/table.ts'

const dropsFields = Number.parseInt(process.versions.node, 10) < 22

/** Replaces the limits of Node that the app has left as they are. `usual`: a server with those. */
export function admitUploads(server: Server, usual: Server): void {
  if (server.requestTimeout === usual.requestTimeout) server.requestTimeout = 0
  // Beyond a thousand header fields Node 22 and later refuse the request with a 431, Node 20 drops the rest
  // silently. The size of the head is limited anyway.
  if (dropsFields) server.maxHeadersCount ??= 0
}

/** Ends the uploads that have stalled, in the interval in which the server checks for slow heads. */
export function watchUploads(server: Server, connections: Connections): NodeJS.Timeout {
  const uploads = new Uploads(connections)
  const interval: unknown = Reflect.get(server, 'connectionsCheckingInterval') // its own option
  return setInterval(
    () => {
      for (const { socket } of uploads.stalled(performance.now(), server.headersTimeout))
        if (serves(server, socket)) server.emit('clientError', timeoutError(), socket)
    },
    typeof interval === 'number' ? interval : 30_000,
  ).unref()
}

/** Other servers of the app have connections too. Node notes on each whose it is. */
function serves(server: Server, socket: Socket): boolean {
  return Reflect.get(socket, 'server') === server
}

/** What Node itself emits for a request that arrives too slowly. */
function timeoutError(): Error {
  return Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
}

interface Silence {
  readonly response: ServerResponse
  readonly bytesRead: number
  /** Milliseconds on the monotonic clock. */
  readonly since: number
}

export class Uploads {
  readonly #connections: Connections
  #silences = new Map<Connection, Silence>()

  constructor(connections: Connections) {
    this.#connections = connections
  }

  /** Returns the connections whose body has been silent for `limit` milliseconds; 0 means no limit. */
  stalled(now: number, limit: number): readonly Connection[] {
    const [before, silences] = [this.#silences, new Map<Connection, Silence>()]
    this.#silences = silences
    const stalled: Connection[] = []
    for (const connection of this.#connections.all()) {
      const { socket, stream } = connection
      const response = stream.newest
      if (response === undefined || !isReceiving(response)) continue
      const last = before.get(connection)
      const isSilent = last?.response === response && last.bytesRead === socket.bytesRead
      const silence = isSilent ? last : { response, bytesRead: socket.bytesRead, since: now }
      if (limit > 0 && now - silence.since >= limit) stalled.push(connection)
      else silences.set(connection, silence)
    }
    return stalled
  }
}

/** Whether it is the client who has to go on: not when the app is slow to read what has arrived. */
function isReceiving(response: ServerResponse): boolean {
  const { complete, readableLength } = response.req
  return !complete && readableLength === 0 && !awaitsContinue(response)
}
