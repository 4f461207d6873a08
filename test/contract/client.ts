// The client of the contract tests: node:http and node:net without an agent, so that nothing is retried or
// reused.

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

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

const patience = 60_000

/** Opens a request on a new connection; the caller writes and ends it. */
export function open(url: string, path: string, options: RequestOptions = {}): ClientRequest {
  return request(new URL(path, url), { agent: false, ...options })
}

/** Sends a request and resolves to its response. */
export async function exchange(
  url: string,
  path: string,
  options: RequestOptions = {},
  body?: Buffer,
): Promise<Answer> {
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

/** Reads until exactly this text was received; fails on any other text. */
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
  /** All that was received so far. */
  text(): string
  /** Resolves when the received text matches. */
  until(pattern: RegExp): Promise<void>
  /** Resolves when the connection is closed in any way. */
  closed(): Promise<void>
}

/**
 * A plain connection, for what node:http hides: pipelining, the bytes of a body, how a connection ends.
 */
export function connectRaw(url: string): RawConnection {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let received = ''
  socket.setEncoding('latin1').on('data', (chunk) => (received += chunk))
  // A reset is one way to close a connection; the test checks what was received before.
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const until = (pattern: RegExp): Promise<void> =>
    eventually(`${pattern} in what the server sent`, () => (pattern.test(received) ? true : undefined)).then(
      () => undefined,
    )
  return { socket, text: () => received, until, closed: () => within('the end of the connection', closed) }
}

/** Repeats the probe until it returns a value; fails after a deadline. */
export async function eventually<Value>(
  what: string,
  probe: () => Promise<Value | undefined> | Value | undefined,
): Promise<Value> {
  const deadline = Date.now() + patience
  for (;;) {
    const value = await probe()
    if (value !== undefined) return value
    if (Date.now() > deadline)
      throw new assert.AssertionError({ message: `timed out while waiting for ${what}` })
    await delay(10)
  }
}

/** A promise with a deadline, so that a server that hangs fails one test and not the whole run. */
export async function within<Value>(what: string, promise: Promise<Value>): Promise<Value> {
  const deadline = new AbortController()
  const late = delay(patience, undefined, { signal: deadline.signal }).then(() => {
    throw new assert.AssertionError({ message: `timed out while waiting for ${what}` })
  })
  late.catch(() => undefined)
  return Promise.race([promise, late]).finally(() => deadline.abort())
}
