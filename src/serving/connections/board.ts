// Runs in a worker: the requests in flight, in memory that the watchdog thread can read while the main thread
// is stuck in native code. A stream has a place for its newest request; requests of streams without a place
// are only counted.

import { Buffer } from 'node:buffer'
import type { IncomingMessage } from 'node:http'

const places = 128
/**
 * Of each place: the start time (8 bytes), the lengths of method and path (4 bytes each), then both texts.
 */
const placeBytes = 256
const textOffset = 16
const longestText = placeBytes - textOffset
/** Before the places: how many requests are in flight. */
const headerBytes = 16

export interface PostedRequest {
  readonly method: string
  /** Truncated when it is long. */
  readonly path: string
  /** Milliseconds on the clock of the main thread. */
  readonly startedAt: number
}

type Postable = Pick<IncomingMessage, 'method' | 'url'>

export class Board {
  readonly memory: SharedArrayBuffer
  readonly #bytes: Buffer
  readonly #times: Float64Array
  readonly #numbers: Int32Array
  readonly #free = Array.from({ length: places }, (_, index) => places - index)

  constructor(memory = new SharedArrayBuffer(headerBytes + places * placeBytes)) {
    this.memory = memory
    this.#bytes = Buffer.from(memory)
    this.#times = new Float64Array(memory)
    this.#numbers = new Int32Array(memory)
  }

  /** Returns a place for a new stream, 0 when all are taken. */
  claim(): number {
    return this.#free.pop() ?? 0
  }

  release(place: number): void {
    if (place === 0) return
    this.clear(place)
    this.#free.push(place)
  }

  /** A request has begun. */
  post(place: number, { method = '', url = '' }: Postable, startedAt: number): void {
    if (place === 0) return
    const at = offsetOf(place)
    const named = this.#bytes.write(method, at + textOffset, 32, 'latin1')
    this.#times[at / 8] = startedAt
    this.#numbers[at / 4 + 2] = named
    this.#numbers[at / 4 + 3] = this.#bytes.write(url, at + textOffset + named, longestText - named, 'latin1')
  }

  clear(place: number): void {
    this.#numbers[offsetOf(place) / 4 + 2] = 0
  }

  /** How many requests are in flight. */
  get busy(): number {
    return this.#numbers[0] ?? 0
  }

  set busy(count: number) {
    this.#numbers[0] = count
  }

  /** In the other thread: returns the requests in flight now, oldest first. */
  read(): PostedRequest[] {
    const all = Array.from({ length: places }, (_, index) => this.#at(offsetOf(index + 1)))
    return all
      .filter((request) => request !== undefined)
      .sort((one, other) => one.startedAt - other.startedAt)
  }

  #at(offset: number): PostedRequest | undefined {
    const named = this.#numbers[offset / 4 + 2] ?? 0
    if (named === 0) return undefined
    const start = offset + textOffset
    const length = this.#numbers[offset / 4 + 3] ?? 0
    return {
      method: this.#bytes.toString('latin1', start, start + named),
      path: this.#bytes.toString('latin1', start + named, start + named + length),
      startedAt: this.#times[offset / 8] ?? 0,
    }
  }
}

function offsetOf(place: number): number {
  return headerBytes + (place - 1) * placeBytes
}
