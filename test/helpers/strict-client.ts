// The strictest client: its own sockets and parser, no retries, and each failure counts: a connection that is
// refused or reset, one that ends before its response, a wrong status, a wrong body. It only accepts
// `Connection: close` and the end of an idle connection; then it opens another one.

import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { connectTo } from './http.ts'
import { parseResponse } from './response-parser.ts'
import { longestWait } from './wait.ts'

/** Responds with the path of the request, after `/wait/MS`; every second response has its body in chunks. */
export const strictApp = `let count = 0
const respond = (req, res) => {
  const body = req.url + ' ' + process.pid + '\\n'
  if ((count += 1) % 2 === 0) return res.end(body)
  res.write(body.slice(0, 3))
  res.end(body.slice(3))
}
export default (req, res) => {
  const [, name, ms] = req.url.split('/')
  if (name === 'wait') setTimeout(respond, Number(ms), req, res)
  else respond(req, res)
}
`

export interface StrictOptions {
  /** Requests in progress at a time, each on a connection of its own. */
  readonly connections: number
  /** A new connection for each request. */
  readonly fresh?: boolean
  /** For example `/wait/200`: each request adds its own number. */
  readonly path?: string
  /** What the body has to match, of an app that is not the strict one: `path` is then the whole target. */
  readonly body?: RegExp
  /** Milliseconds between a response and the next request. */
  readonly pause?: number
  /** Like a balancer that removes the server: a caller that receives `Connection: close` stops. */
  readonly stopsAtClose?: boolean
}

const mostReasons = 20

export class StrictClient {
  /** The reasons of the first failures. */
  readonly failures: string[] = []
  failed = 0
  responseCount = 0
  /** How many connections have received `Connection: close`. */
  closesReceived = 0
  readonly #url: string
  readonly #options: StrictOptions
  readonly #callers: Promise<void>[]
  #number = 0
  #isOver = false

  constructor(url: string, options: StrictOptions) {
    this.#url = url
    this.#options = options
    this.#callers = Array.from({ length: options.connections }, () => this.#call())
  }

  /** Resolves when the requests in progress have their response. */
  async stop(): Promise<void> {
    this.#isOver = true
    await this.stopped()
  }

  /** With `stopsAtClose`: resolves when each caller has stopped. */
  async stopped(): Promise<void> {
    await Promise.all(this.#callers)
  }

  /** `report`: returns the output of the server. */
  assertFlawless(report: () => string): void {
    assert.equal(
      this.failed,
      0,
      `${this.failed} of ${this.responseCount} requests failed:\n${this.failures.join('\n')}\n${report()}`,
    )
  }

  readonly #fail = (reason: string): void => {
    this.failed += 1
    if (this.failures.length < mostReasons) this.failures.push(reason)
  }

  async #call(): Promise<void> {
    const { fresh = false, pause = 0, stopsAtClose = false } = this.#options
    let connection: Connection | undefined
    while (!this.#isOver) {
      if (connection?.isOver !== false) connection = new Connection(connectTo(this.#url), this.#fail)
      const isFine = await this.#ask(connection, fresh)
      if (connection.hasReceivedClose && !fresh) this.closesReceived += 1
      if (stopsAtClose && (connection.hasReceivedClose || !isFine)) break
      // Also after a failure, so that retries do not flood the server.
      if (!isFine || pause > 0) await delay(Math.max(pause, 1))
    }
    connection?.close()
  }

  /** Resolves with false after a failure. */
  async #ask(connection: Connection, fresh: boolean): Promise<boolean> {
    const { path = '', body } = this.#options
    const target = body ? path : `${path}/${(this.#number += 1)}`
    const response = await connection.ask(
      `GET ${target} HTTP/1.1\r\nHost: strict\r\n${fresh ? 'Connection: close\r\n' : ''}\r\n`,
    )
    if (response === undefined) return false
    this.responseCount += 1
    const isRight = body ? body.test(response.body) : response.body.startsWith(`${target} `)
    if (response.status === 200 && isRight) return true
    this.#fail(`GET ${target}: ${response.status} ${JSON.stringify(response.body)}`)
    return false
  }
}

type Response = { readonly status: number; readonly body: string } | undefined

/** One connection. */
class Connection {
  /** It takes no more requests. */
  isOver = false
  hasReceivedClose = false
  readonly #socket: Socket
  readonly #fail: (reason: string) => void
  #bytes: Buffer = Buffer.alloc(0)
  #pending: { readonly request: string; readonly settle: (response: Response) => void } | undefined
  #responses = 0

  constructor(socket: Socket, fail: (reason: string) => void) {
    this.#socket = socket
    this.#fail = fail
    socket.setNoDelay(true)
    socket.setTimeout(longestWait, () => this.#break(`no response within ${longestWait} ms`))
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (error) => this.#break(error.message))
    socket.on('end', () => this.#end())
    socket.on('close', () => this.#end())
  }

  /** Resolves with undefined after a failure, which is then recorded. */
  ask(request: string): Promise<Response> {
    return new Promise((settle) => {
      this.#pending = { request, settle }
      this.#socket.write(request)
    })
  }

  close(): void {
    this.isOver = true
    this.#socket.setTimeout(0)
    this.#socket.end()
  }

  #take(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    try {
      const response = parseResponse(this.#bytes)
      if (response === undefined) return
      if (response.rest.length > 0)
        throw new Error(`bytes after the response: ${JSON.stringify(response.rest.toString())}`)
      this.#receive(response.headers.get('connection') === 'close', response)
    } catch (error) {
      this.#break(String(error))
    }
  }

  #receive(isLast: boolean, { status, body }: { readonly status: number; readonly body: string }): void {
    const pending = this.#pending
    if (pending === undefined) return this.#break(`a response without a request: ${status} ${body}`)
    this.#bytes = Buffer.alloc(0)
    this.#pending = undefined
    this.#responses += 1
    if (isLast) {
      this.hasReceivedClose = true
      this.close()
    }
    pending.settle({ status, body })
  }

  /** An idle connection may end. */
  #end(): void {
    if (this.#pending === undefined) this.isOver = true
    else this.#break('the connection ended while a response was due')
  }

  #break(reason: string): void {
    const { isOver } = this
    const pending = this.#pending
    this.isOver = true
    this.#pending = undefined
    this.#socket.destroy()
    const when = isOver
      ? 'after its last response'
      : pending
        ? `${pending.request.split('\r\n')[0]}`
        : 'while it was idle'
    this.#fail(`${reason}, ${when} (${this.#responses} responses on this connection)`)
    pending?.settle(undefined)
  }
}
