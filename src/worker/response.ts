// Runs in a worker: the response object that node:http makes for each request (its `ServerResponse` option). It carries what the access
// line needs, and says `Connection: close` as late as possible, so that a client hears of a drain with its very next answer.

import { ServerResponse } from 'node:http'
import type { IncomingMessage } from 'node:http'

/** What all responses of a worker look at; changed once, when the worker drains. */
export interface DrainFlag {
  draining: boolean
}

type Writing = [chunk?: unknown, encoding?: unknown, callback?: unknown]

export interface MeasuredResponse extends ServerResponse<IncomingMessage> {
  /** Milliseconds on the monotonic clock. */
  readonly startedAt: number
  /** As the client sent it: frameworks change `req.url` while they route. */
  readonly url: string
  /** Asked for at once, because a connection that is gone has no address any more. */
  readonly remoteAddress: string
  readonly bodyBytes: number
}

/** A response that only knows of the drain: for a worker without an access log. */
export function createResponseClass(flag: DrainFlag): typeof ServerResponse<IncomingMessage> {
  return class DrainingResponse extends ServerResponse<IncomingMessage> {
    override writeHead(...parameters: unknown[]): this {
      if (flag.draining && !this.headersSent) this.shouldKeepAlive = false
      return Reflect.apply(super.writeHead, this, parameters) as this // writeHead answers its own object
    }
  }
}

/** A response that also measures itself for the access log. */
export function createMeasuredResponseClass(flag: DrainFlag): typeof ServerResponse<IncomingMessage> & (new (request: IncomingMessage) => MeasuredResponse) {
  const Draining = createResponseClass(flag)
  return class extends Draining implements MeasuredResponse {
    readonly startedAt = performance.now()
    readonly url = this.req.url ?? ''
    readonly remoteAddress = this.req.socket.remoteAddress ?? ''
    bodyBytes = 0

    override write(...parameters: Writing): boolean {
      this.bodyBytes += byteLength(parameters[0], parameters[1])
      return Reflect.apply(super.write, this, parameters) as boolean // the overloads of write, passed on as they came
    }

    override end(...parameters: Writing): this {
      if (parameters[0] !== undefined) this.bodyBytes += byteLength(parameters[0], parameters[1])
      return Reflect.apply(super.end, this, parameters) as this // the overloads of end, passed on as they came
    }
  }
}

function byteLength(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8') // Node refuses others itself
  return chunk instanceof Uint8Array ? chunk.byteLength : 0
}
