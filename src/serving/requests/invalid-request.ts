// Runs in a worker: what a client gets that sends something other than an HTTP request, or sends too slowly,
// and the access line for it. The responses are those of Node's own default (lib/_http_server.js,
// socketOnError), which a `clientError` listener replaces. Requests that arrived before it are answered
// first.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { errorCode, hasCode } from '../../os/error-code.ts'
import type { WriteAccess } from '../records/access.ts'
import type { Connection } from '../connections/connection.ts'
import { endGently } from '../connections/end-gently.ts'
import { headWasSent } from '../connections/response-head.ts'
import type { Stream } from '../connections/stream.ts'
import { recordSentByServer } from '../records/record.ts'

const statuses: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Payload Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
}
const badRequest = [400, 'Bad Request'] as const

export interface InvalidRequest {
  readonly error: Error
  readonly socket: Socket
  /** Undefined when it is no longer open. */
  readonly connection: Connection | undefined
}

/**
 * Whether the access log needs a line of its own for it: not for a part of a request that has one, nor for a
 * client that resets its connection or has not sent a byte yet.
 */
export function isNews(invalid: InvalidRequest): boolean {
  const { connection } = invalid
  if (isEnd(invalid)) return false
  return connection === undefined || (connection.inFlight === 0 && !unfinishedRequest(connection.stream))
}

type Log = Pick<WriteAccess, 'invalid'> | undefined

export function respondInvalid(invalid: InvalidRequest, log: Log): void {
  const { error, socket, connection } = invalid
  const stream = connection?.stream
  if (stream?.isOver) return // more of the same
  if (!socket.writable || isEnd(invalid)) return void socket.destroy(error)
  if (stream === undefined) return refuse(invalid, log)
  stream.isOver = true
  // RFC 9112, 9.6: the request with `Connection: close` is answered, what comes behind it is ignored.
  if (hasCode(error, 'HPE_CLOSED_CONNECTION'))
    return whenCurrent(stream, undefined, () => socket.destroySoon())
  const owner = unfinishedRequest(stream)
  if (owner === undefined) return whenCurrent(stream, undefined, () => refuse(invalid, log))
  if (!isInFlight(stream, owner)) return whenCurrent(stream, undefined, () => socket.destroySoon())
  whenCurrent(stream, owner, () => refuseBody(invalid, stream, owner))
}

/** A client that resets its connection, or has connected and not sent a byte yet, has sent no request. */
function isEnd({ error, socket }: InvalidRequest): boolean {
  if (hasCode(error, 'ERR_HTTP_REQUEST_TIMEOUT')) return socket.bytesRead === 0
  return hasCode(error, 'ECONNRESET', 'EPIPE')
}

/** Responds to what is no request. */
function refuse({ error, socket }: InvalidRequest, log: Log): void {
  if (!socket.writable) return // the last response has ended the connection
  const { status, text } = refusalOf(error)
  log?.invalid(socket, status)
  socket.write(text)
  endGently(socket)
}

/** The body of a request is invalid. Its own access line has the status. */
function refuseBody({ error, socket }: InvalidRequest, stream: Stream, response: ServerResponse): void {
  if (stream.current !== response) return socket.destroySoon() // the app has ended it before its turn
  // It needs no more of its body.
  if (response.writableEnded) return whenCurrent(stream, undefined, () => socket.destroySoon())
  // After the head was sent a second response must not be mixed into the body.
  if (socket.writable && !headWasSent(response)) {
    const { status, text } = refusalOf(error)
    recordSentByServer(response, { status, bytes: 0 })
    socket.write(text)
  }
  socket.destroy(error) // so that the app, which may wait for the body, gets an error
}

function refusalOf(error: Error): { readonly status: number; readonly text: string } {
  const [status, reason] = statuses[errorCode(error) ?? ''] ?? badRequest
  return { status, text: `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n` }
}

/**
 * Calls `act` when it is the turn of this response, or when no request is in flight on the stream: at once,
 * or after those before it. The stream takes no more requests, so it cannot wait for others.
 */
function whenCurrent(stream: Stream, response: ServerResponse | undefined, act: () => void): void {
  const isTurn = (): boolean => stream.current === undefined || stream.current === response
  if (isTurn()) return act()
  stream.afterEach = () => {
    if (!isTurn()) return
    stream.afterEach = undefined
    act()
  }
}

/** Returns the response to a request whose body is not complete; it may have been sent already. */
function unfinishedRequest({ newest }: Stream): ServerResponse | undefined {
  return newest?.req.complete === false ? newest : undefined
}

function isInFlight(stream: Stream, response: ServerResponse): boolean {
  return stream.inFlight().some((exchange) => exchange.response === response)
}
