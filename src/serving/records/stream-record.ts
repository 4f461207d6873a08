// Runs in a worker: the access record of a stream of HTTP/2, of a server that the app has created.

import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { AccessEntry } from '../../logging/access/entry.ts'
import { findHeader } from '../../logging/access/raw-headers.ts'
import { peerAddress } from './peer.ts'

export interface StreamLog {
  /** Milliseconds on the monotonic clock. */
  readonly startedAt: number
  readonly idOf: (request: { readonly rawHeaders: readonly string[] }) => string
}

/**
 * Called before the app gets the stream. Returns a function that returns the record when the stream is
 * closed.
 */
export function recordStream(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  { startedAt, idOf }: StreamLog,
): (now: number) => AccessEntry {
  const { ':method': method = '', ':path': url = '' } = headers
  const remoteAddress = stream.session ? peerAddress(stream.session.socket) : ''
  const rawHeaders = Object.entries(headers).flatMap(([name, value]) => [name, String(value)])
  const bytes = countBytes(stream)
  return (now) => {
    const { ':status': status } = stream.sentHeaders
    return {
      time: Date.now(),
      duration: now - startedAt,
      remoteAddress,
      method,
      url,
      httpVersion: '2.0',
      status: Number(status ?? 499), // nginx's code for a stream that closed before the response began
      bytes: bytes(),
      outcome: stream.rstCode === 0 && status !== undefined ? 'complete' : 'aborted',
      requestHeader: (name) => findHeader(rawHeaders, name),
      requestId: () => idOf({ rawHeaders }),
      queueTime: () => undefined,
      responseHeader: (name) => stream.sentHeaders[name],
    }
  }
}

/** Returns a function that returns the bytes which the app has written. */
function countBytes(stream: ServerHttp2Stream): () => number {
  const { write, end } = stream
  let bytes = 0
  const counted =
    (method: (...parameters: never[]) => unknown) =>
    (...parameters: readonly unknown[]): never => {
      const [chunk, encoding] = parameters
      if (typeof chunk === 'string') bytes += Buffer.byteLength(chunk, encodingOf(encoding))
      else if (chunk instanceof Uint8Array) bytes += chunk.byteLength
      // the parameters of all overloads are passed on
      return Reflect.apply(method, stream, parameters) as never
    }
  Object.assign(stream, { write: counted(write), end: counted(end) })
  return () => bytes
}

const encodingOf = (encoding: unknown): BufferEncoding =>
  typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8'
