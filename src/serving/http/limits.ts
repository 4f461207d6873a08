// Runs in a worker: the limits of a server. What the app has set on its own server stays; where it has left
// Node's default, or Fastify's, the settings of tsgun hold.

import { createServer } from 'node:http'
import type { Server } from 'node:net'
import { admitUploads } from '../requests/slow-clients.ts'
import { isHttp } from './protocol.ts'

export interface ServerLimits {
  /** Whether a request of HTTP/1.1 needs a Host header. */
  readonly requiresHost: boolean
  /** Milliseconds that a connection may be idle. */
  readonly keepAlive: number
}

/** Milliseconds: keepAliveTimeout of a server of Fastify whose app has not set it. */
const fastifyKeepAlive = 72_000

/**
 * Sets the limits that the app has not set. `keepAlive`: milliseconds; 0 closes each connection after its
 * response.
 */
export function applyLimits(server: Server, keepAlive: number): ServerLimits {
  if (!isHttp(server)) return { requiresHost: false, keepAlive }
  const usual = createServer() // the defaults of this version of Node
  if ([usual.keepAliveTimeout, fastifyKeepAlive, undefined].includes(server.keepAliveTimeout)) {
    server.keepAliveTimeout = keepAlive
    if (keepAlive === 0 && server.maxRequestsPerSocket === usual.maxRequestsPerSocket)
      server.maxRequestsPerSocket = 1
  }
  admitUploads(server, usual)
  // Node's own check responds before it emits `request`, so that no log would have the request: the request
  // listener checks it instead. Only the option of the constructor is typed.
  const requiresHost = Reflect.get(server, 'requireHostHeader') !== false
  Reflect.set(server, 'requireHostHeader', false)
  return { requiresHost, keepAlive: server.keepAliveTimeout }
}
