// Runs in a task process: one accepted connection, from its request to the end of its response.

import type { Socket } from 'node:net'
import type { Priority } from '../model/queues.ts'
import { FrameReader } from '../wire/frame-reader.ts'
import { BadFrame, type Frame } from '../wire/frame.ts'
import { readRequest, type ReceivedRequest } from '../wire/messages.ts'
import { send } from '../wire/send.ts'
import type { Outgoing } from '../wire/value-writer.ts'

/** `silent`: no byte of a request yet; `arriving`: a part of it; `ready`: all; `over`: it has closed. */
export type Stage = 'silent' | 'arriving' | 'ready' | 'over'

export interface CallerEvents {
  /** Its stage has changed, or more of its request has arrived. */
  readonly onChange: (caller: Caller) => void
  /** It has sent what is no request; it is closed by then. */
  readonly onBadFrame: (error: BadFrame) => void
}

/** What an aborted signal of a run says. */
const goneReason = 'the caller no longer waits for the task'

/** Milliseconds in which a caller takes nothing of its result. */
const longestTake = 30_000

export class Caller {
  readonly priority: Priority
  readonly #socket: Socket
  readonly #events: CallerEvents
  readonly #reader: FrameReader
  #stage: Stage = 'silent'
  #request: ReceivedRequest | undefined
  #controller: AbortController | undefined
  #abortReason: Error | undefined
  /** Checks since it was accepted, or since something arrived. */
  quietChecks = 0
  /** On the clock of performance.now. */
  readonly acceptedAt = performance.now()
  /** Turns of the event loop since it has connected, while nothing has arrived. */
  silentTurns = 0
  /** Whether it has its result. */
  #isAnswered = false
  #drained: Promise<void> | undefined

  constructor(socket: Socket, priority: Priority, events: CallerEvents) {
    this.#socket = socket
    this.priority = priority
    this.#events = events
    this.#reader = new FrameReader((frame) => this.#onFrame(frame))
    const onGone = (): void => this.#onGone()
    socket.on('error', onGone)
    socket.on('end', onGone)
    socket.on('close', onGone)
    socket.on('data', (bytes: Buffer) => this.#onData(bytes))
  }

  get stage(): Stage {
    return this.#stage
  }

  /** Absent until it is `ready`. */
  get request(): ReceivedRequest | undefined {
    return this.#request
  }

  /** Whether its result has been sent, or an error. */
  get isAnswered(): boolean {
    return this.#isAnswered
  }

  get isClosed(): boolean {
    return this.#socket.destroyed
  }

  /** Bytes that the caller has not taken. */
  get unsent(): number {
    return this.#socket.writableLength
  }

  /** Aborted when the caller has gone, or by `abort`. Created when it is read. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#abortReason) this.#controller.abort(this.#abortReason)
    return this.#controller.signal
  }

  abort(reason: Error): void {
    this.#abortReason ??= reason
    this.#controller?.abort(this.#abortReason)
  }

  /** Returns false when it has more unsent bytes than it should. */
  send(outgoing: Outgoing): boolean {
    return this.#stage === 'over' || send(this.#socket, outgoing)
  }

  /** Sends its last message. It closes when that has been taken. */
  answer(outgoing: Outgoing): void {
    if (this.#isAnswered) return
    this.#isAnswered = true
    if (this.#stage === 'over') return
    send(this.#socket, outgoing)
    this.#socket.end()
    if (this.unsent > 0) this.#socket.setTimeout(longestTake, () => this.destroy())
  }

  /** Resolves when it takes more, or has closed. */
  drained(): Promise<void> {
    if (!this.#socket.writableNeedDrain || this.#socket.destroyed) return Promise.resolve()
    return (this.#drained ??= new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done).off('close', done)
        this.#drained = undefined
        resolve()
      }
      this.#socket.on('drain', done).on('close', done)
    }))
  }

  destroy(): void {
    this.#socket.destroy()
    this.#onGone()
  }

  #onData(bytes: Buffer): void {
    this.quietChecks = 0
    try {
      this.#reader.push(bytes)
    } catch (error) {
      if (!(error instanceof BadFrame)) throw error
      this.destroy()
      return this.#events.onBadFrame(error)
    }
    if (this.#stage === 'silent') this.#stage = 'arriving'
    this.#events.onChange(this)
  }

  #onFrame(frame: Frame): void {
    if (frame.kind !== 'request' || this.#request) throw new BadFrame(`a message of the kind ${frame.kind}`)
    this.#request = readRequest(frame)
    this.#stage = 'ready'
  }

  /** A caller that has ended its side waits no more. */
  #onGone(): void {
    if (this.#stage === 'over') return
    this.#stage = 'over'
    if (!this.#isAnswered) this.abort(new DOMException(goneReason, 'AbortError'))
    this.#events.onChange(this)
  }
}
