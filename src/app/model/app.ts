// What a worker serves, whatever the user's module exported: one request handler and the few moments of its
// life. Every adapter in this folder answers with this shape; nothing above it knows which framework is
// behind.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/**
 * Tells the error log of an error that a request met; the request is given when it is known. Never throws.
 */
export type ReportError = (error: unknown, request?: IncomingMessage) => void

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => unknown

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => unknown

export interface App {
  /**
   * How the export was recognised, for the log: `listener`, `fetch`, `express`, `koa`, `fastify`, `nest`,
   * `http.Server`.
   */
  readonly kind: string
  /**
   * Serves one request. Whatever it throws or rejects with has been answered and reported by the time it
   * returns.
   */
  readonly handle: RequestHandler
  /**
   * Serves a protocol upgrade; absent when the app has none, and then an upgrade request is refused by Node.
   */
  readonly upgrade?: UpgradeHandler
  /** Awaited before the worker accepts its first connection. */
  readonly startup?: () => unknown
  /** Awaited after the worker's last response. */
  readonly shutdown?: () => unknown
}
