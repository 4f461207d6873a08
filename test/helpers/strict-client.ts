// The strictest client: sockets and a parser of its own, no retries, and each failure of any kind is counted:
// a connection that is refused or reset, one that ends while an answer is due, a wrong status, a body that is
// not what was asked for. It may only hear `Connection: close`, or see a connection end that is idle; then it
// opens another one.

import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { connectTo } from './http.ts'
import { parseAnswer } from './answer-parser.ts'
import { patience } from './tsgun.ts'

/** Answers with the path that was asked, after `/wait/MS`; every second answer has its body in chunks. */
export const strictApp = `let count = 0
const answer = (req, res) => {
  const body = req.url + ' ' + process.pid + '\\n'
  if ((count += 1) % 2 === 0) return res.end(body)
  res.write(body.slice(0, 3))
  res.end(body.slice(3))
}
export default (req, res) => {
  const [, name, ms] = req.url.split('/')
  if (name === 'wait') setTimeout(answer, Number(ms), req, res)
  else answer(req, res)
}
`

export interface StrictOptions {
  /** Requests that are under way at a time, each on a connection of its own. */
  readonly connections: number
  /** A new connection for each request. */
  readonly fresh?: boolean
  /** Such as `/wait/200`: each request adds its own number. */
  readonly path?: string
  /** Milliseconds between an answer and the next request. */
  readonly pause?: number
  /**
   * As a balancer that is told to take its leave: a connection that has heard `Connection: close` is its
   * caller's last.
   */
  readonly leaves?: boolean
}

const mostReasons = 20

export class StrictClient {
  /** The first of them, in words. */
  readonly failures: string[] = []
  failed = 0
  answered = 0
  /** How often a connection has heard `Connection: close`. */
  announced = 0
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

  /** Ends when the requests under way are answered. */
  async stop(): Promise<void> {
    this.#isOver = true
    await this.left()
  }

  /** With `leaves`: each caller has gone. */
  async left(): Promise<void> {
    await Promise.all(this.#callers)
  }

  /** `report`: what the server has said. */
  assertFlawless(report: () => string): void {
    assert.equal(
      this.failed,
      0,
      `${this.failed} of ${this.answered} requests failed:\n${this.failures.join('\n')}\n${report()}`,
    )
  }

  readonly #fail = (reason: string): void => {
    this.failed += 1
    if (this.failures.length < mostReasons) this.failures.push(reason)
  }

  async #call(): Promise<void> {
    const { fresh = false, pause = 0, leaves = false } = this.#options
    let line: Line | undefined
    while (!this.#isOver) {
      if (line?.isOver !== false) line = new Line(connectTo(this.#url), this.#fail)
      const isFine = await this.#ask(line, fresh)
      if (line.hasHeardClose && !fresh) this.announced += 1
      if (leaves && (line.hasHeardClose || !isFine)) break
      if (!isFine || pause > 0) await delay(Math.max(pause, 1)) // after a failure: this is no attack
    }
    line?.leave()
  }

  /** False after a failure. */
  async #ask(line: Line, fresh: boolean): Promise<boolean> {
    const { path = '' } = this.#options
    const target = `${path}/${(this.#number += 1)}`
    const answer = await line.ask(
      `GET ${target} HTTP/1.1\r\nHost: strict\r\n${fresh ? 'Connection: close\r\n' : ''}\r\n`,
    )
    if (answer === undefined) return false
    this.answered += 1
    if (answer.status === 200 && answer.body.startsWith(`${target} `)) return true
    this.#fail(`GET ${target}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return false
  }
}

type Heard = { readonly status: number; readonly body: string } | undefined

/** One connection. */
class Line {
  /** It takes no more requests. */
  isOver = false
  hasHeardClose = false
  readonly #socket: Socket
  readonly #fail: (reason: string) => void
  #bytes: Buffer = Buffer.alloc(0)
  #asked: { readonly request: string; readonly settle: (answer: Heard) => void } | undefined
  #answers = 0

  constructor(socket: Socket, fail: (reason: string) => void) {
    this.#socket = socket
    this.#fail = fail
    socket.setNoDelay(true)
    socket.setTimeout(patience, () => this.#break(`no answer within ${patience} ms`))
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (error) => this.#break(error.message))
    socket.on('end', () => this.#end())
    socket.on('close', () => this.#end())
  }

  /** Undefined after a failure, which has been told. */
  ask(request: string): Promise<Heard> {
    return new Promise((settle) => {
      this.#asked = { request, settle }
      this.#socket.write(request)
    })
  }

  leave(): void {
    this.isOver = true
    this.#socket.setTimeout(0)
    this.#socket.end()
  }

  #take(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    try {
      const answer = parseAnswer(this.#bytes)
      if (answer === undefined) return
      if (answer.rest.length > 0)
        throw new Error(`bytes after the answer: ${JSON.stringify(answer.rest.toString())}`)
      this.#hear(answer.headers.get('connection') === 'close', answer)
    } catch (error) {
      this.#break(String(error))
    }
  }

  #hear(isLast: boolean, { status, body }: { readonly status: number; readonly body: string }): void {
    const asked = this.#asked
    if (asked === undefined) return this.#break(`an answer that nobody has asked for: ${status} ${body}`)
    this.#bytes = Buffer.alloc(0)
    this.#asked = undefined
    this.#answers += 1
    if (isLast) {
      this.hasHeardClose = true
      this.leave()
    }
    asked.settle({ status, body })
  }

  /** An idle connection may end. */
  #end(): void {
    if (this.#asked === undefined) this.isOver = true
    else this.#break('the connection ended while an answer was due')
  }

  #break(reason: string): void {
    const { isOver } = this
    const asked = this.#asked
    this.isOver = true
    this.#asked = undefined
    this.#socket.destroy()
    const when = isOver
      ? 'after its last answer'
      : asked
        ? `${asked.request.split('\r\n')[0]}`
        : 'while it was idle'
    this.#fail(`${reason}, ${when} (${this.#answers} answers on this connection)`)
    asked?.settle(undefined)
  }
}
