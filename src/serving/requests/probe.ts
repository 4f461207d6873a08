// Runs in a worker: the connections of the health check, which reach the server in memory, before it listens.
// Their requests go only to the app: they are not counted, not logged, and run no hook.

import type { RequestListener, IncomingMessage } from 'node:http'
import { duplexPair, type Duplex } from 'node:stream'

/** What an app or a framework may use of a net.Socket; it has no effect here. */
const likeSocket = {
  remoteAddress: '127.0.0.1',
  remoteFamily: 'IPv4',
  remotePort: 0,
  localAddress: '127.0.0.1',
  localPort: 0,
  bytesRead: 0,
  bytesWritten: 0,
  address: () => ({}),
  ref: returnThis,
  unref: returnThis,
  setTimeout: returnThis,
  setNoDelay: returnThis,
  setKeepAlive: returnThis,
} as const

function returnThis<This>(this: This): This {
  return this
}

export class Probe {
  #inside: Duplex | undefined
  #error: unknown

  /** What the app threw for the latest request. */
  get error(): unknown {
    return this.#error
  }

  /** Returns both ends of a new connection, which replaces the one before. */
  connect(): { readonly inside: Duplex; readonly outside: Duplex } {
    const [inside, outside] = duplexPair()
    this.#inside = Object.assign(inside, likeSocket)
    inside.once('close', () => outside.destroy())
    outside.once('close', () => inside.destroy())
    this.#error = undefined
    return { inside, outside }
  }

  /** Returns whether a request is one of the health check. */
  owns({ socket }: Pick<IncomingMessage, 'socket'>): boolean {
    return socket === this.#inside
  }

  noteError(error: unknown): void {
    this.#error = error
  }

  /** Returns a listener for the server: requests of the health check go to `own`, all others to `others`. */
  divide(own: RequestListener, others: RequestListener): RequestListener {
    return (request, response) => (this.owns(request) ? own : others)(request, response)
  }
}
