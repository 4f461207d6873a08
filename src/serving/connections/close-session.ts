// Runs in a worker: ends a connection of HTTP/2 when its streams have ended. The client learns it in two
// steps (RFC 9113, 6.8): the first GOAWAY names no last stream, so that a request that is on its way is still
// served. A PING behind it returns when the client has read it.

import type { ServerHttp2Session } from 'node:http2'

/** NO_ERROR, and the largest number of a stream. */
const [noError, anyStream] = [0x0, 2 ** 31 - 1]
/** Milliseconds for a client that does not respond to the PING. */
const patience = 2000
/** Milliseconds behind the PING: a client may send its response before requests that it has made earlier. */
const grace = 250

export function closeSession(session: ServerHttp2Session): void {
  if (session.closed || session.destroyed) return
  session.goaway(noError, anyStream)
  const close = (): void => void (session.destroyed || session.close())
  let timer = setTimeout(close, patience).unref()
  session.ping(() => {
    clearTimeout(timer)
    if (!session.destroyed) timer = setTimeout(close, grace).unref()
  })
  session.once('close', () => clearTimeout(timer))
}
