// What a worker serves: the app's own server or a request handler, and functions for startup and shutdown.
// The same shape for each framework; nothing above the adapters knows which framework is used.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server } from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * Writes an error to the error log, with its request and what the client gets if that is known. Never
 * throws.
 */
export type ReportError = (error: unknown, request?: IncomingMessage, answer?: Answer) => void

/** The response to a request that has failed. */
export interface Answer {
  /** The status that the client gets, or has got. */
  readonly status: number
  /** The response had begun, and its end is missing. */
  readonly isCut: boolean
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => unknown

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => unknown

/** The events of http.Server for a request that needs a response. */
export type RequestEvent = 'request' | 'checkContinue' | 'checkExpectation'

/** A server that the app has created: of HTTP/1, HTTPS, HTTP/2, or of plain connections. */
export interface AppServer {
  readonly server: Server
  /**
   * The address of `bind` whose connections it gets, by its index. Absent: all that no other server gets.
   */
  readonly place?: number | undefined
  /** Returns a function that calls the listeners of an event and never throws or rejects. */
  readonly respond?: ((event: RequestEvent) => RequestHandler) | undefined
}

/** What the worker does with servers with which the app begins to listen, or which it closes. */
export interface ServerHandlers {
  readonly add: (server: AppServer) => void
  /** The app has closed a server that the worker serves. */
  readonly closed: () => void
  /** Of a run of a schedule: it has done its work. */
  readonly done: () => void
}

export interface App {
  /**
   * The kind of app, for the log: `listener`, `fetch`, `express`, `koa`, `fastify`, `nest`, `http.Server`,
   * `program`.
   */
  readonly kind: string
  /**
   * Serves a request. Never throws or rejects: an error is reported and the client gets a response, or its
   * connection is closed.
   */
  readonly handle: RequestHandler
  /** The first may be for all connections that no other one gets; without such a one `handle` serves them. */
  readonly servers?: readonly AppServer[]
  /** Called once, when the worker has booted. */
  readonly follow?: (handlers: ServerHandlers) => void
  /** Serves a protocol upgrade, besides the `upgrade` listeners of the server. */
  readonly upgrade?: UpgradeHandler
  /** Awaited before the worker accepts its first connection. */
  readonly startup?: () => unknown
  /** Called when the worker accepts connections: does what the app does when its server listens. */
  readonly listen?: () => unknown
  /** Awaited after the last response of the worker. */
  readonly shutdown?: () => unknown
}
