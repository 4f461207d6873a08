// The client of the contract suites: node:http and node:net without an agent, so that nothing is retried or
// reused unnoticed.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  request,
} from 'node:http'
import { type Socket, connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually, longestWait } from '../helpers/wait.ts'

export interface HttpResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Opens a request on a connection of its own; the caller writes and ends it. */
export function open(url: string, path: string, options: RequestOptions = {}): ClientRequest {
  return request(new URL(path, url), { agent: false, ...options })
}

/** Resolves with the complete response to one request. */
export async function exchange(
  url: string,
  path: string,
  options: RequestOptions = {},
  body?: Buffer,
): Promise<HttpResponse> {
  const outgoing = open(url, path, options)
  outgoing.end(body)
  const response = await responseOf(outgoing)
  const chunks: Buffer[] = await within(`the body of ${path}`, response.toArray())
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }
}

export async function responseOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  const [response] = await within(`the response to ${outgoing.path}`, once(outgoing, 'response'))
  return response
}

/** Reads exactly this text; fails on any other. */
export async function expectText(response: IncomingMessage, expected: string): Promise<void> {
  let text = ''
  while (text.length < expected.length) {
    const chunk: unknown = response.read()
    if (chunk === null) await within(`"${expected}" after "${text}"`, once(response, 'readable'))
    else text += String(chunk)
  }
  assert.equal(text, expected)
}

export interface RawConnection {
  readonly socket: Socket
  /** All text received so far. */
  text(): string
  /** Resolves when the received text matches. */
  until(pattern: RegExp): Promise<void>
  /** Resolves when the connection is closed, in any way. */
  closed(): Promise<void>
}

/**
 * A plain connection, for what node:http hides: pipelining, the bytes of a body, the way a connection ends.
 */
export function connectRaw(url: string): RawConnection {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let received = ''
  socket.setEncoding('latin1').on('data', (chunk) => (received += chunk))
  // A reset is one of the ways to be cut off; the test reads what was received before it.
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const until = (pattern: RegExp): Promise<void> =>
    eventually(`${pattern} in what the server sent`, () => (pattern.test(received) ? true : undefined)).then(
      () => undefined,
    )
  return { socket, text: () => received, until, closed: () => within('the end of the connection', closed) }
}

/** A promise with a time limit, so that a server which hangs fails one test and not the run. */
export async function within<Value>(what: string, promise: Promise<Value>): Promise<Value> {
  const deadline = new AbortController()
  const late = delay(longestWait, undefined, { signal: deadline.signal }).then(() => {
    throw new assert.AssertionError({ message: `timed out waiting for ${what}` })
  })
  late.catch(() => undefined)
  return Promise.race([promise, late]).finally(() => deadline.abort())
}
