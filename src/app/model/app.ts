// What a worker serves: one request handler, and functions for upgrades, startup and shutdown. The same shape
// for each framework; nothing above the adapters knows which framework is used.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** Writes an error to the error log, with its request if that is known. Never throws. */
export type ReportError = (error: unknown, request?: IncomingMessage) => void

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => unknown

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => unknown

export interface App {
  /**
   * The kind of app, for the log: `listener`, `fetch`, `express`, `koa`, `fastify`, `nest`, `http.Server`.
   */
  readonly kind: string
  /**
   * Serves a request. Never throws or rejects: an error is reported and the client gets a response, or its
   * connection is closed.
   */
  readonly handle: RequestHandler
  /** Serves a protocol upgrade. Without it Node refuses upgrade requests. */
  readonly upgrade?: UpgradeHandler
  /** Awaited before the worker accepts its first connection. */
  readonly startup?: () => unknown
  /** Awaited after the last response of the worker. */
  readonly shutdown?: () => unknown
}
