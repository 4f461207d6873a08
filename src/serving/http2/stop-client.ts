// Runs in a worker: a client that still sends when its response is complete may stop (RFC 9113, 8.1).

import { constants, type ServerHttp2Stream } from 'node:http2'

/** Milliseconds. */
const interval = 50

/** Tells the client when the last byte of the response has left. What arrives meanwhile is discarded. */
export function stopClient(stream: ServerHttp2Stream): void {
  stream.resume() // unless the app reads it
  const timer = setInterval(() => {
    if (stream.closed || isSent(stream)) clearInterval(timer)
    if (!stream.closed && isSent(stream)) stream.close(constants.NGHTTP2_NO_ERROR)
  }, interval).unref()
}

/** A stream counts as finished when node:http2 has taken the last byte. */
const isSent = ({ state }: ServerHttp2Stream): boolean => state.localClose === 1
