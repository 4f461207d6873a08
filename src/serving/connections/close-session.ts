// Runs in a worker: ends a connection of HTTP/2 when its streams have ended. The client learns it in two
// steps (RFC 9113, 6.8): the first GOAWAY names no last stream, so that a request that is on its way is still
// served.

import type { ServerHttp2Session } from 'node:http2'

/** NO_ERROR, and the largest number of a stream. */
const [noError, anyStream] = [0x0, 2 ** 31 - 1]
/** Milliseconds: more than a round trip to most clients. */
const roundTrip = 500

export function closeSession(session: ServerHttp2Session): void {
  if (session.closed || session.destroyed) return
  session.goaway(noError, anyStream)
  const timer = setTimeout(() => session.destroyed || session.close(), roundTrip).unref()
  session.once('close', () => clearTimeout(timer))
}
