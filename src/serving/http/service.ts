// Runs in a worker: the connections that a worker class accepts. The class decides how connections are taken
// and hands each socket to the service, which owns the rest: the servers of the app or one of its own, the
// connections, time limits, access lines, hooks, upgrades, and the drain.

import type { Server as HttpServer } from 'node:http'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { App, AppServer } from '../../app/model/app.ts'
import { closeAbandoned } from '../connections/abandoned.ts'
import { drainConnections } from '../connections/drain.ts'
import type { Exchange } from '../connections/stream.ts'
import { Connections } from '../connections/table.ts'
import type { ForwardingOf } from '../forwarded/forwarding.ts'
import { createForwarding } from '../forwarded/peers.ts'
import { createReceive, type Receive, type Refused } from '../proxy-protocol/receive.ts'
import { peerAddress } from '../records/peer.ts'
import { leaveWaiting } from '../requests/give-up.ts'
import { recordCrash, recordLeft } from '../records/record.ts'
import '../requests/tick-shape.ts'
import { watchSlowClients } from '../requests/slow-clients.ts'
import { RequestTimeouts } from '../requests/timeouts.ts'
import { chooseProtocol } from './choose-protocol.ts'
import { Front, type FrontParts } from './front.ts'
import { checkInterval } from './limits.ts'
import type { HttpOptions } from './options.ts'
import { addUpgrade, createOwnServer } from './own-server.ts'
import { isHttp } from './protocol.ts'
import { secureConnection } from './secure-connection.ts'

/** What a worker reports of its requests. */
export interface Load {
  /** Requests that have ended since the worker started. */
  readonly requests: number
  /** Requests in flight. */
  readonly busy: number
  /** Open connections. */
  readonly connections: number
  /** Requests that took too long and that the app has not ended yet. They are no longer busy. */
  readonly overdue: number
}

/** How many connections are open, and how many of them have a request in flight, are upgraded, or idle. */
export type Occupancy = Readonly<Record<'connections' | 'serving' | 'upgraded' | 'idle', number>>

export interface ServiceDrain {
  /** Milliseconds after which the rest is closed. */
  readonly within: number
  /**
   * Closes idle connections at once, without a last response on them: a client that is just sending on one
   * has to try again.
   */
  readonly hurry?: boolean
  /** Resolves when no new connection can arrive any more. */
  readonly shut: Promise<void>
}

/** Milliseconds for the first request of a connection when the drain is in a hurry. */
const hurriedFirstRequest = 200

export class HttpService {
  readonly #options: HttpOptions
  readonly #connections: Connections
  readonly #timeouts: RequestTimeouts | undefined
  readonly #parts: FrontParts
  /** The first one gets what no other one gets. */
  readonly #fronts: Front[]
  readonly #forwardingOf: ForwardingOf | undefined
  readonly #receive: Receive | undefined
  readonly #onSocketClose: (this: Socket) => void
  #hasStarted = false
  /** By path: what the server responds itself. */
  #texts: ReadonlyMap<string, string> = new Map()

  /** `onClosed`: called after a connection has closed and is no longer counted. */
  constructor(options: HttpOptions, onClosed: () => void) {
    const connections = new Connections({ board: options.board, calls: options.calls, onCutOff: recordLeft })
    const timeouts = options.requestLimit && new RequestTimeouts(options.requestLimit)
    this.#options = options
    this.#connections = connections
    this.#forwardingOf = options.proxies && createForwarding(options.proxies)
    this.#receive = options.proxies && createReceive(options.proxies)
    this.#timeouts = timeouts
    const onSocketClose = function (this: Socket): void {
      const stream = connections.of(this)?.stream
      if (stream) {
        timeouts?.forget(stream)
        leaveWaiting(stream) // Node 20 and 22 would never end them
      }
      connections.remove(this)
      onClosed()
    }
    this.#onSocketClose = onSocketClose
    const parts = { ...options, connections, timeouts, onSocketClose, forwardingOf: this.#forwardingOf }
    this.#parts = parts
    this.#fronts = serversOf(options.app, parts).map((server) => new Front(server, parts))
  }

  /** The first server of HTTP, for hooks and the health check; null when the app has none. */
  get server(): HttpServer | null {
    return firstOfHttp(this.#fronts) ?? null
  }

  /** Starts the checks for slow clients. */
  start(): void {
    this.#hasStarted = true
    closeAbandoned(this.#connections)
    this.#watchSlowClients()
    for (const front of this.#fronts) front.start()
  }

  /** Each response ends its connection, whatever the app says of keep-alive. */
  closeEach(): void {
    this.#connections.drain()
  }

  /** Serves a connection of an address of `bind`, by its index. */
  serve(socket: Socket, index = 0): void {
    const connection = this.#connections.add(socket)
    socket.on('close', this.#onSocketClose)
    const serve = (): void => {
      if (this.#options.clientLimit?.admits(socket) === false) return void socket.destroy()
      connection.forwarding = this.#forwardingOf?.(socket)
      const front = this.#frontOf(index)
      if (this.#options.tls?.covers(index) === true) secureConnection(socket, front, this.#parts)
      else if (front && this.#options.http2)
        chooseProtocol(socket, front, this.#options.clientLimits.headTime)
      else front?.serve(socket)
    }
    if (this.#receive) this.#receive(socket, { serve, refuse: (refused) => this.#refuse(socket, refused) })
    else serve()
  }

  #refuse(socket: Socket, refused: Refused): void {
    this.#options.writeAccess?.invalid(socket, refused.status)
    this.#options.onProxyRefused?.(refused, peerAddress(socket))
    socket.destroy()
  }

  /** Serves by one more server of the app. */
  add(server: AppServer): void {
    const front = new Front(server, this.#parts)
    this.#fronts.push(front)
    if (this.#texts.size > 0) front.respond(this.#texts, new Map())
    if (this.#hasStarted) front.start()
  }

  #watchSlowClients(): void {
    const { bodySilence, headTime } = this.#options.clientLimits
    const idle = this.#idleLimit + (headTime || Infinity)
    watchSlowClients(this.#connections, { bodySilence, idle }, checkInterval(bodySilence || headTime))
  }

  /** Milliseconds that a connection may be idle. */
  get #idleLimit(): number {
    return Math.max(...this.#fronts.map(({ keepAlive }) => keepAlive))
  }

  #frontOf(index: number): Front | undefined {
    const [main] = this.#fronts
    return this.#fronts.length === 1 ? main : (this.#fronts.find(({ place }) => place === index) ?? main)
  }

  /** Open connections. */
  get open(): number {
    return this.#connections.size
  }

  load(): Load {
    return {
      requests: this.#connections.finished,
      busy: this.#connections.busy,
      connections: this.#connections.size,
      overdue: this.#timeouts?.overdue ?? 0,
    }
  }

  /** What the open connections are used for. */
  occupancy(): Occupancy {
    const all = [...this.#connections.all()].filter(({ parent }) => parent === undefined)
    const upgraded = all.filter(({ upgrade }) => upgrade !== undefined).length
    const serving = all.filter(({ inFlight, upgrade }) => inFlight > 0 && !upgrade).length
    return { connections: all.length, serving, upgraded, idle: all.length - upgraded - serving }
  }

  /** The requests in flight, oldest first. */
  inFlight(): readonly Exchange[] {
    return this.#connections.inFlight()
  }

  /** The requests in flight whose handlers ran in one of these async contexts of Node. */
  startedIn(asyncIds: readonly number[]): readonly Exchange[] {
    return this.#connections.startedIn(asyncIds)
  }

  /** Writes the access lines of the requests in flight, for a process that is about to end. */
  logInFlight(): void {
    const now = performance.now()
    for (const { response } of this.inFlight()) {
      recordCrash(response)
      this.#options.writeAccess?.finish(response, now)
    }
  }

  /**
   * From now on requests for this path get a 503. They have an access line, but neither app nor hooks run.
   */
  unready(path: string): void {
    for (const front of this.#fronts) front.unready(path)
  }

  /** Responds to requests for these paths with these texts, and to no others any more. */
  respond(texts: ReadonlyMap<string, string>): void {
    const before = this.#texts
    this.#texts = texts
    if (texts.size > 0 || before.size > 0) for (const front of this.#fronts) front.respond(texts, before)
  }

  /**
   * Ends the requests in flight and the next request of each connection, and resolves when no connection is
   * left. Resolves with the requests that had to be cut off, for example `GET /path`. A second call may only
   * shorten the time.
   */
  drain({ within, hurry = false, shut }: ServiceDrain): Promise<readonly string[]> {
    this.#connections.drain()
    return drainConnections(this.#connections, {
      within,
      idleLimit: hurry ? 0 : this.#idleLimit,
      firstRequestLimit: hurry ? hurriedFirstRequest : undefined,
      shut,
    })
  }
}

/** The servers of the app, the main one first; for an app that is a handler, a new one. */
function serversOf(app: App, { timeouts, connections }: FrontParts): readonly AppServer[] {
  const { handle, servers = [], upgrade } = app
  if (servers[0]?.place !== undefined || servers.length === 0) {
    const listener = timeouts?.watch(handle, (response) => connections.streamOf(response)) ?? handle
    return [{ server: createOwnServer(listener, upgrade) }, ...servers]
  }
  const server = firstOfHttp(servers)
  if (upgrade && server) addUpgrade(server, upgrade)
  return servers
}

function firstOfHttp(servers: readonly Pick<AppServer, 'server'>[]): HttpServer | undefined {
  return servers.map(({ server }) => server).find(isHttp)
}
