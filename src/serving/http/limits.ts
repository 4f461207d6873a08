// Runs in a worker: the limits of a server. What the app has set on its own server stays; where it has left
// Node's default, or Fastify's, the settings of tsgun hold.

import { createServer, maxHeaderSize, type Server as HttpServer } from 'node:http'
import type { Server } from 'node:net'
import type { ClientLimits, HttpOptions } from './options.ts'
import { isHttp } from './protocol.ts'

export interface ServerLimits {
  /** Whether a request of HTTP/1.1 needs a Host header. */
  readonly requiresHost: boolean
  /** Milliseconds that a connection may be idle. */
  readonly keepAlive: number
}

/** Milliseconds: keepAliveTimeout of a server of Fastify whose app has not set it. */
const fastifyKeepAlive = 72_000
/** Milliseconds between two checks of a server for slow clients. */
const [shortestInterval, longestInterval] = [50, 5000]
const dropsFields = Number.parseInt(process.versions.node, 10) < 22

/**
 * Sets the limits that the app has not set. `keepAlive`: milliseconds; 0 closes each connection after its
 * response.
 */
export function applyLimits(
  server: Server,
  { keepAlive, clientLimits }: Pick<HttpOptions, 'keepAlive' | 'clientLimits'>,
): ServerLimits {
  if (!isHttp(server)) return { requiresHost: false, keepAlive }
  const usual = createServer() // the defaults of this version of Node
  if ([usual.keepAliveTimeout, fastifyKeepAlive, undefined].includes(server.keepAliveTimeout)) {
    server.keepAliveTimeout = keepAlive
    if (keepAlive === 0 && server.maxRequestsPerSocket === usual.maxRequestsPerSocket)
      server.maxRequestsPerSocket = 1
  }
  limitHeads(server, usual, clientLimits)
  // Node's own limit for a whole request would end each upload that takes five minutes.
  if (server.requestTimeout === usual.requestTimeout) server.requestTimeout = 0
  // Node's own check responds before it emits `request`, so that no log would have the request: the request
  // listener checks it instead. Only the option of the constructor is typed.
  const requiresHost = Reflect.get(server, 'requireHostHeader') !== false
  Reflect.set(server, 'requireHostHeader', false)
  return { requiresHost, keepAlive: server.keepAliveTimeout }
}

/** How large a head may be, and how long it may take. */
function limitHeads(
  server: HttpServer,
  usual: HttpServer,
  { line, fieldSize, headTime }: ClientLimits,
): void {
  if (server.headersTimeout === usual.headersTimeout) server.headersTimeout = headTime
  // Options of the constructor that the parser and the checks read when they are needed.
  if (Reflect.get(server, intervalName) === Reflect.get(usual, intervalName))
    Reflect.set(server, intervalName, checkInterval(server.headersTimeout))
  if (Reflect.get(server, 'maxHeaderSize') === undefined)
    Reflect.set(server, 'maxHeaderSize', Math.max(maxHeaderSize, line + fieldSize))
  // Beyond a thousand header fields Node 22 and later refuse the request with a 431, Node 20 drops the rest
  // silently. The size of the head is limited anyway.
  if (dropsFields) server.maxHeadersCount ??= 0
}

const intervalName = 'connectionsCheckingInterval'

/** Returns milliseconds: how often it is checked whether something has lasted for `limit` milliseconds. */
export function checkInterval(limit: number): number {
  return Math.min(longestInterval, Math.max(shortestInterval, limit / 10))
}
