// A client that sends requests all the time over many connections and records each response other than 200.
// It never retries: a failure stays a failure.

import http from 'node:http'
import { ask } from './http.ts'

export interface Failure {
  /** On the monotonic clock. */
  readonly at: number
  readonly reason: string
  /** The body of the last response on this connection: with the right app, the pid of the worker. */
  readonly last: string | undefined
}

export interface LoadOptions {
  readonly path?: string
  /** Connections that are kept open and reused. */
  readonly kept: number
  /** Callers that open a new connection for each request. */
  readonly fresh?: number
}

export class Load {
  readonly failures: Failure[] = []
  responseCount = 0
  /** How often each response body was received. */
  readonly bodies = new Map<string, number>()
  readonly #callers: Promise<void>[]
  readonly #lasts: (string | undefined)[] = []
  #isOver = false

  constructor(url: string, { path = '/', kept, fresh = 0 }: LoadOptions) {
    this.#callers = Array.from({ length: kept + fresh }, (_, number) =>
      this.#call(number, number < kept, { url, path }),
    )
  }

  /** Returns on how many connections the last response had this body. */
  connectedTo(body: string): number {
    return this.#lasts.filter((last) => last === body).length
  }

  /** Resolves when the requests in progress have their response. */
  async stop(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#callers)
  }

  async #call(
    number: number,
    isKept: boolean,
    { url, path }: { readonly url: string; readonly path: string },
  ): Promise<void> {
    const agent = isKept ? new http.Agent({ keepAlive: true, maxSockets: 1 }) : undefined
    while (!this.#isOver) {
      try {
        const { status, headers, body } = await ask(url, path, agent ? { agent } : {})
        if (status !== 200) this.#fail(number, `status ${status}`)
        this.responseCount += 1
        this.bodies.set(body, (this.bodies.get(body) ?? 0) + 1)
        this.#lasts[number] = headers.connection === 'close' ? undefined : body
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        this.#fail(number, reason)
        this.#lasts[number] = undefined
        // the server has exited, and the test that would end this may be over
        if (reason.includes('ECONNREFUSED')) break
      }
    }
    agent?.destroy()
  }

  #fail(number: number, reason: string): void {
    this.failures.push({ at: performance.now(), reason, last: this.#lasts[number] })
  }
}
