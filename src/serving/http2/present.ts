// Runs in a worker: a stream of HTTP/2 as the request and the response that Node makes of one of HTTP/1.

import { randomBytes } from 'node:crypto'
import { IncomingMessage, ServerResponse } from 'node:http'
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { drainResponse, responseOn, setFields } from '../../os/system/http-objects.ts'
import { receive } from './link.ts'
import type { StreamSocket } from './stream-socket.ts'

export interface ReceivedHead {
  readonly headers: IncomingHttpHeaders
  /** Names and values in their order, also those of pseudo-headers. */
  readonly rawHeaders: readonly string[]
  /** Nothing follows the head. */
  readonly isWhole: boolean
}

/** The request; its body is that of the stream. */
export function presentRequest(
  stream: ServerHttp2Stream,
  socket: StreamSocket,
  { headers, rawHeaders, isWhole }: ReceivedHead,
): IncomingMessage {
  const fields = fieldsOf(headers, rawHeaders)
  // Frameworks look for a body where HTTP/1 announces one (type-is, Fastify).
  if (!isWhole && headers['content-length'] === undefined) fields.push('transfer-encoding', 'chunked')
  const request = createRequest(socket, headers, fields)
  if (isWhole) end(request)
  else receiveBody(request, stream)
  return request
}

/** The request for another protocol, as a client of HTTP/1 sends it (RFC 8441, 5). */
export function presentUpgrade(socket: StreamSocket, { headers, rawHeaders }: ReceivedHead): IncomingMessage {
  const fields = fieldsOf(headers, rawHeaders)
  fields.push('connection', 'Upgrade', 'upgrade', headers[':protocol']?.toString() ?? '')
  // haproxy passes on that of its client.
  if (headers['sec-websocket-key'] === undefined)
    fields.push('sec-websocket-key', randomBytes(16).toString('base64'))
  const request = createRequest(socket, { ...headers, ':method': 'GET' }, fields)
  end(request)
  return request
}

/** The response; its connection ends with it. */
export function presentResponse(request: IncomingMessage, socket: StreamSocket): ServerResponse {
  const response = new ServerResponse(request)
  response.useChunkedEncodingByDefault = true // as with HTTP/1.1: only then Node takes trailers
  response.assignSocket(socket)
  response.on('finish', endSocket)
  socket.on('drain', drain)
  return response
}

// One listener for all streams: V8 starts each new closure slowly.
function endSocket(this: ServerResponse): void {
  this.socket?.destroySoon()
}

function drain(this: StreamSocket): void {
  const response = responseOn(this)
  if (response) drainResponse(response)
}

function createRequest(
  socket: StreamSocket,
  { ':method': method, ':path': path }: IncomingHttpHeaders,
  fields: readonly string[],
): IncomingMessage {
  const request = new IncomingMessage(socket)
  request.method = method ?? ''
  request.url = path ?? ''
  request.httpVersion = '2.0'
  request.httpVersionMajor = 2
  request.httpVersionMinor = 0
  setFields(request, fields)
  return request
}

/**
 * Without pseudo-headers; `:authority` is the Host (RFC 9113, 8.3.1). Where both are there and differ, the
 * request has two of them, and is refused.
 */
function fieldsOf({ host, ':authority': authority }: IncomingHttpHeaders, raw: readonly string[]): string[] {
  const fields: string[] = []
  if (authority !== undefined && authority.toLowerCase() !== host?.toLowerCase())
    fields.push('host', authority)
  for (let at = 0; at < raw.length; at += 2) {
    const [name = '', value = ''] = [raw[at], raw[at + 1]]
    if (!name.startsWith(':')) fields.push(name, value)
  }
  return fields
}

function receiveBody(request: IncomingMessage, stream: ServerHttp2Stream): void {
  request._read = () => void stream.resume()
  receive(stream, {
    push: (chunk) => request.push(chunk),
    trailers: (trailers) => Object.assign(request.trailers, trailers),
    end: () => end(request),
    close: () => {
      if (!request.complete) request.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
    },
  })
}

function end(request: IncomingMessage): void {
  request.complete = true
  request.push(null)
}
