// Runs in a worker: what a client gets that sends something other than an HTTP request, sends too slowly or
// too much, and the access line for it. It replaces what Node does by itself (lib/_http_server.js,
// socketOnError). The requests that arrived before it get their responses first.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { hasCode } from '../../os/error-code.ts'
import type { WriteAccess } from '../records/access.ts'
import type { Connection } from '../connections/connection.ts'
import { endGently } from '../connections/end-gently.ts'
import { headWasSent } from '../connections/response-head.ts'
import type { Stream } from '../connections/stream.ts'
import { addressOfPeer } from '../forwarded/shown-client.ts'
import { isSilent } from '../proxy-protocol/header-length.ts'
import { peerAddress } from '../records/peer.ts'
import { recordInvalid, recordSentByServer } from '../records/record.ts'
import { refusalOf } from '../validity/parser-errors.ts'
import { bodyOf, responseOf, type Refusal } from '../validity/refusal.ts'
import type { OnRefusal } from '../validity/validity.ts'
import { failBody } from './fail-body.ts'
import { leave } from './give-up.ts'

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

export interface InvalidLogs {
  readonly writeAccess: Pick<WriteAccess, 'invalid'> | undefined
  readonly onRefusal?: OnRefusal | undefined
}

export function respondInvalid(invalid: InvalidRequest, logs: InvalidLogs): void {
  const { error, socket, connection } = invalid
  const stream = connection?.stream
  if (stream?.isOver) return // more of the same
  if (!socket.writable || isEnd(invalid)) return void socket.destroy(error)
  if (stream === undefined) return refuse(invalid, logs)
  stream.isOver = true
  // RFC 9112, 9.6: the request with `Connection: close` is answered, what comes behind it is ignored.
  if (hasCode(error, 'HPE_CLOSED_CONNECTION'))
    return whenCurrent(stream, undefined, () => socket.destroySoon())
  const owner = unfinishedRequest(stream)
  if (owner === undefined) return whenCurrent(stream, undefined, () => refuse(invalid, logs))
  if (!isInFlight(stream, owner)) return whenCurrent(stream, undefined, () => socket.destroySoon())
  whenCurrent(stream, owner, () => refuseBody(invalid, owner, { stream, logs }))
}

/** A client that resets its connection, or has connected and not sent a byte yet, has sent no request. */
function isEnd({ error, socket }: InvalidRequest): boolean {
  if (hasCode(error, 'ERR_HTTP_REQUEST_TIMEOUT')) return isSilent(socket)
  return hasCode(error, 'ECONNRESET', 'EPIPE')
}

/** Responds to what is no request. */
function refuse({ error, socket }: InvalidRequest, { writeAccess, onRefusal }: InvalidLogs): void {
  if (!socket.writable) return // the last response has ended the connection
  const refusal = refusalOf(error)
  onRefusal?.(refusal, { remoteAddress: addressOfPeer(socket) })
  writeAccess?.invalid(socket, refusal.status)
  send(socket, refusal)
}

interface BodyContext {
  readonly stream: Stream
  readonly logs: InvalidLogs
}

/** The body of a request is invalid. Its own access line has the status. */
function refuseBody({ error, socket }: InvalidRequest, response: ServerResponse, context: BodyContext): void {
  const { stream, logs } = context
  if (stream.current !== response) return socket.destroySoon() // the app has ended it before its turn
  // It needs no more of its body.
  if (response.writableEnded) return whenCurrent(stream, undefined, () => socket.destroySoon())
  // After the head was sent a second response must not be mixed into the body.
  if (!socket.writable || headWasSent(response)) return void socket.destroy(error)
  const refusal = refusalOf(error)
  logs.onRefusal?.(refusal, { remoteAddress: peerAddress(socket), request: response.req })
  recordInvalid(response)
  recordSentByServer(response, { status: refusal.status, bytes: bodyOf(refusal.status).length })
  failBody(response.req, error)
  leave(response, socket)
  send(socket, refusal)
}

function send(socket: Socket, { status }: Refusal): void {
  socket.write(responseOf(status))
  endGently(socket)
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
