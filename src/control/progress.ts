// Runs in the arbiter: the response to a client that waits for the end of a command, one line of JSON per log
// record. A client that does not read is disconnected; one that disconnects has no effect on the command.

import type { ServerResponse } from 'node:http'
import type { Order, OrderResult } from '../arbiter/model/orders.ts'
import { levels } from '../logging/records/record.ts'
import { limits, type Outcome, type ProgressLine } from './protocol.ts'
import { beginLines } from './response.ts'
import type { Ending, ServerProgress } from './target.ts'

/** Returns the outcome of an accepted order when `ending` ends it; undefined for any other. Pure. */
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
    beginLines(response)
  }

  /** Sends a line, unless its level is debug. */
  write({ level, msg }: ServerProgress): void {
    if (levels[level] >= levels.info) this.#send({ level, msg })
  }

  /** Sends the last line. */
  end(outcome: Outcome): void {
    this.#send(outcome)
  }

  #send(line: ProgressLine | Outcome): void {
    if (this.#response.destroyed) return
    this.#response.write(`${JSON.stringify(line)}\n`)
    if (this.#response.writableLength > limits.unread) this.#response.destroy()
  }
}
