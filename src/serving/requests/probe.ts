// Runs in a worker: connections of the health check, which reach the server without a socket, before it
// listens. Their requests go to the app alone: they are in no count, no access log and no hook.

import type { RequestListener, IncomingMessage } from 'node:http'
import { duplexPair, type Duplex } from 'node:stream'

/** What an app or a framework may ask of a net.Socket; nothing of it means anything here. */
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

  /** What the app threw when it was asked last. */
  get error(): unknown {
    return this.#error
  }

  /** Both ends of a new connection; the one before is over. */
  connect(): { readonly inside: Duplex; readonly outside: Duplex } {
    const [inside, outside] = duplexPair()
    this.#inside = Object.assign(inside, likeSocket)
    inside.once('close', () => outside.destroy())
    outside.once('close', () => inside.destroy())
    this.#error = undefined
    return { inside, outside }
  }

  /** Whether a request has come by it. */
  owns({ socket }: Pick<IncomingMessage, 'socket'>): boolean {
    return socket === this.#inside
  }

  noteError(error: unknown): void {
    this.#error = error
  }

  /** The server's listener: requests of the health check go this way, all others that. */
  divide(own: RequestListener, others: RequestListener): RequestListener {
    return (request, response) => (this.owns(request) ? own : others)(request, response)
  }
}
