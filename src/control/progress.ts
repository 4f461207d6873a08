// Runs in the arbiter: an answer that goes on while a client waits, one line of JSON for each thing that
// happens. A client that does not read is cut off; one that leaves changes nothing.

import type { ServerResponse } from 'node:http'
import type { Order, OrderResult } from '../arbiter/model/orders.ts'
import { levels } from '../logging/records/record.ts'
import { limits, type Outcome, type ProgressLine } from './protocol.ts'
import type { Ending, ServerProgress } from './target.ts'

/** When an order that was taken has come to its end, and how; undefined before. Pure. */
export function outcomeOf(order: Order, result: OrderResult, ending: Ending): Outcome | undefined {
  if (!result.taken) return undefined
  if (order.type === 'stop') return ending.of === 'stop' ? { done: true } : undefined
  if (ending.of === 'service' || ending.of === 'stop')
    return { done: false, reason: 'the server is stopping' }
  if (ending.of !== order.type || (ending.of === 'reload' && ending.attempt !== result.attempt))
    return undefined
  return ending.failure === null ? { done: true } : { done: false, reason: ending.failure }
}

export class Progress {
  readonly #response: ServerResponse

  constructor(response: ServerResponse) {
    this.#response = response
    // the answer ends with the connection, which ends with the process at the latest
    response.removeHeader('transfer-encoding')
    response.writeHead(200, { 'Content-Type': 'application/x-ndjson' })
    response.flushHeaders()
  }

  report({ level, msg }: ServerProgress): void {
    if (levels[level] >= levels.info) this.#write({ level, msg })
  }

  /** The last line. */
  conclude(outcome: Outcome): void {
    this.#write(outcome)
  }

  #write(line: ProgressLine | Outcome): void {
    if (this.#response.destroyed) return
    this.#response.write(`${JSON.stringify(line)}\n`)
    if (this.#response.writableLength > limits.unread) this.#response.destroy()
  }
}
