// Runs in a worker: ends a connection of HTTP/2 when its streams have ended. In clear text, which proxies
// use, the client learns it in two steps (RFC 9113, 6.8): the first GOAWAY names no last stream, so that
// requests that are on their way are still served. A PING behind it returns when the client has read it.

import type { ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'

/**
 * GOAWAY with the largest number of a stream and NO_ERROR. nghttp2 ignores all new streams after a GOAWAY of
 * its own, whatever that names, so these bytes go past it: each of its writes is whole frames. With TLS they
 * cannot, because TLS takes one write at a time.
 */
const goaway = Buffer.from('0000080700000000007fffffff00000000', 'hex')
/** Milliseconds for a client that does not respond to the PING. */
const patience = 2000
/** Milliseconds behind the PING: a client may send its response before requests that it has made earlier. */
const grace = 250

export function closeSession(session: ServerHttp2Session, socket: Pick<Socket, 'write'>): void {
  if (session.closed || session.destroyed) return
  // The client knows at once which of its requests it has to repeat.
  if (session.encrypted === true) return session.close()
  const close = (): void => void (session.destroyed || session.close())
  let timer = setTimeout(close, patience).unref()
  session.once('close', () => clearTimeout(timer))
  const announce = (): void => {
    if (session.closed || session.destroyed) return
    socket.write(goaway)
    session.ping(() => {
      clearTimeout(timer)
      if (!session.destroyed) timer = setTimeout(close, grace).unref()
    })
  }
  // The first frame of a server is SETTINGS.
  if (session.pendingSettingsAck) session.once('localSettings', announce)
  else announce()
}
