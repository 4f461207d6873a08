// Runs in the broker: a process that uses the bus, and what waits to be sent to it.

import { FrameQueue } from '../wire/frame-queue.ts'
import type { Head } from '../wire/frame.ts'
import type { Greeting } from '../wire/greeting.ts'

export interface ClientOutput {
  /** Something waits. */
  readonly wake: () => void
}

/** Of the one that has made it. */
export interface OpenRequest {
  readonly connection: number
  readonly id: number
}

/** Requests whose end is watched: of more, the loss of the process shows by their timeouts. */
const mostRequests = 10_000

export class Client {
  readonly topics = new Set<string>()
  readonly #output: ClientOutput
  readonly #queue: FrameQueue
  readonly #requests = new Map<string, OpenRequest>()
  #id = 0
  #greeting: Greeting = { pid: 0, name: '' }
  /** The number of its first sync. */
  greetedWith: number | undefined

  constructor(output: ClientOutput, limit: number, onDrop: (client: Client) => void) {
    this.#output = output
    this.#queue = new FrameQueue(limit, () => onDrop(this))
  }

  /** 0 before its greeting. */
  get id(): number {
    return this.#id
  }

  get greeting(): Greeting {
    return this.#greeting
  }

  /** Bytes that wait. */
  get waiting(): number {
    return this.#queue.size
  }

  greet(id: number, greeting: Greeting): void {
    this.#id = id
    this.#greeting = greeting
  }

  append(bytes: Buffer, start: number, end: number): void {
    this.#queue.append(bytes, start, end)
    this.#output.wake()
  }

  write(head: Head, payload: Buffer): void {
    this.#queue.write(head, payload.subarray(0, 0), payload)
    this.#output.wake()
  }

  /** What is to be sent next. */
  take(): Buffer | undefined {
    return this.#queue.take()
  }

  beginRequest(request: OpenRequest): void {
    const [oldest] = this.#requests.size < mostRequests ? [] : this.#requests.keys()
    if (oldest !== undefined) this.#requests.delete(oldest)
    this.#requests.set(keyOf(request), request)
  }

  endRequest(request: OpenRequest): void {
    this.#requests.delete(keyOf(request))
  }

  openRequests(): readonly OpenRequest[] {
    return [...this.#requests.values()]
  }
}

const keyOf = ({ connection, id }: OpenRequest): string => `${connection} ${id}`
