// Runs in a worker: one connection of a call to the queue of its task. The kernel holds it until a task
// process accepts it. The frames that arrive are read straight into their memory.

import { connect, type Socket } from 'node:net'
import { FrameReader } from '../wire/frame-reader.ts'
import { BadFrame, type Frame } from '../wire/frame.ts'
import { send } from '../wire/send.ts'
import type { Outgoing } from '../wire/value-writer.ts'

export interface ConnectionEvents {
  /** The frame has to be read at once: its memory is used again. */
  onFrame(frame: Frame): void
  /** It has closed without `destroy`; `error`: of the system, or BadFrame. */
  onEnd(error: Error | undefined): void
}

export class Connection {
  readonly #socket: Socket
  readonly #reader: FrameReader
  readonly #events: ConnectionEvents
  /** For what arrives between frames; shared, because it is read at once. */
  readonly #scratch: Buffer
  #error: Error | undefined
  #isOver = false
  #isPaused = false

  constructor(path: string, request: Outgoing, events: ConnectionEvents, scratch: Buffer) {
    this.#events = events
    this.#scratch = scratch
    this.#reader = new FrameReader((frame) => this.#isOver || this.#events.onFrame(frame))
    const socket = connect({
      path,
      onread: {
        buffer: () => this.#room(),
        callback: (bytes, into) => this.#take(bytes, into),
      },
    })
    this.#socket = socket
    socket.on('error', (error) => void (this.#error ??= error))
    socket.on('close', () => this.#end())
    send(socket, request)
  }

  /** Closes it; no event follows. */
  destroy(): void {
    this.#isOver = true
    this.#reader.stop()
    this.#socket.destroy()
  }

  /** Lets what arrives wait in the kernel, and then with the sender. */
  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#socket.resume()
  }

  #room(): Uint8Array {
    return this.#reader.isBetween ? this.#reader.room : this.#scratch
  }

  /** Returns false to read no more for now. */
  #take(bytes: number, into: Uint8Array): boolean {
    if (this.#isOver) return false
    try {
      if (into === this.#scratch) this.#reader.push(this.#scratch.subarray(0, bytes))
      else this.#reader.advance(bytes)
    } catch (error) {
      if (!(error instanceof BadFrame)) throw error
      this.#error = error
      this.#socket.destroy()
    }
    return !this.#isPaused
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#events.onEnd(this.#error)
  }
}
