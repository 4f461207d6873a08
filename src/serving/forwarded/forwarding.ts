// Runs in a worker: what is done with the requests of a connection that may come from a proxy.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

export interface Forwarding {
  /** A request begins. Returns why it must be refused with 400, or undefined. */
  readonly admit: (request: IncomingMessage) => string | undefined
}

/** Called once for each connection. Returns undefined when nothing has to be done with its requests. */
export type ForwardingOf = (socket: Socket) => Forwarding | undefined
