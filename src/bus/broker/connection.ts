// Runs in the broker: the socket of a client. One block is written at a time, so that what a slow client does
// not read waits where it is bounded.

import type { Socket } from 'node:net'
import { kinds } from '../wire/frame.ts'
import { BadFrame, FrameSplitter } from '../wire/frame-splitter.ts'
import type { Broker } from './broker.ts'
import type { Client } from './client.ts'

const nothing = Buffer.alloc(0)

export class BrokerConnection {
  /** Resolves when the socket is closed. */
  readonly closed: Promise<void>
  /** Resolves when the client has sent all that it wants to send. */
  readonly finished: Promise<void>
  readonly #socket: Socket
  readonly #client: Client
  #isWriting = false
  #isScheduled = false
  #isLeaving = false
  #isEnding = false

  constructor(socket: Socket, broker: Broker) {
    this.#socket = socket
    const client = broker.connect({ wake: () => this.#schedule() })
    this.#client = client
    const splitter = new FrameSplitter((bytes, start, end) => broker.take(client, bytes, start, end))
    this.finished = new Promise((resolve) => {
      for (const event of ['end', 'close']) socket.once(event, () => resolve())
    })
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        broker.close(client)
        resolve()
      })
    })
    socket.on('data', (chunk: Buffer) => this.#push(splitter, broker, chunk))
    socket.on('end', () => this.#isLeaving || socket.destroy()) // the process has ended
    socket.on('error', () => undefined) // a close follows
  }

  /** Asks the client to send nothing more. */
  leave(): void {
    this.#isLeaving = true
    this.#client.write({ kind: kinds.goodbye }, nothing)
  }

  /** Closes it when all that waits is sent. */
  end(): void {
    this.#isEnding = true
    this.#write()
  }

  #push(splitter: FrameSplitter, broker: Broker, chunk: Buffer): void {
    try {
      splitter.push(chunk)
    } catch (error) {
      if (!(error instanceof BadFrame)) throw error
      this.#socket.destroy() // a client of another version, which tries again later
    }
    broker.endOfChunk()
  }

  /** At the end of this turn: what all clients have sent in it is one write. */
  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#write()
    })
  }

  #write(): void {
    if (this.#isWriting || this.#socket.destroyed) return
    const block = this.#client.take()
    if (block === undefined) return void (this.#isEnding && this.#socket.end())
    this.#isWriting = true
    this.#socket.write(block, () => {
      this.#isWriting = false
      this.#write()
    })
  }
}
