// Runs in a process that uses the bus: one connection to the broker, from connect(2) to its close. It begins
// with a greeting; data is sent when the broker has replied to it.

import { connect, type Socket } from 'node:net'
import { kindAt, kinds } from '../../wire/frame.ts'
import { BadFrame, FrameSplitter, type OnFrame } from '../../wire/frame-splitter.ts'

export interface ConnectionHandlers {
  /** Returns what it begins with. */
  readonly greeting: () => Buffer
  /** The broker delivers from now on. */
  readonly onOpen: () => void
  readonly onFrame: OnFrame
  /** All that was written is in the hands of the kernel: more may be written. */
  readonly onIdle: () => void
  /** Called once. `wasOpen`: the broker may have got something; `handedOver`: it has asked for the close. */
  readonly onClose: (how: { readonly wasOpen: boolean; readonly handedOver: boolean }) => void
}

export interface ClientConnection {
  /** It is open, and nothing is being written. */
  readonly isIdle: boolean
  write(bytes: Buffer): void
}

export type OpenConnection = (path: string, handlers: ConnectionHandlers) => ClientConnection

export class SocketConnection implements ClientConnection {
  readonly #socket: Socket
  readonly #handlers: ConnectionHandlers
  readonly #splitter: FrameSplitter
  #isOpen = false
  #wasOpen = false
  #handedOver = false
  #writing = 0

  constructor(path: string, handlers: ConnectionHandlers) {
    this.#handlers = handlers
    this.#splitter = new FrameSplitter((bytes, start, end) => this.#take(bytes, start, end))
    this.#socket = connect(path)
    this.#socket.unref() // the bus keeps no process alive
    this.#socket.once('connect', () => this.#socket.write(handlers.greeting()))
    this.#socket.on('data', (chunk: Buffer) => this.#push(chunk))
    this.#socket.on('error', () => undefined) // a close follows
    this.#socket.once('close', () => this.#close())
  }

  get isIdle(): boolean {
    return this.#isOpen && this.#writing === 0
  }

  write(bytes: Buffer): void {
    this.#writing += 1
    this.#socket.write(bytes, () => {
      this.#writing -= 1
      if (this.isIdle) this.#handlers.onIdle()
    })
  }

  #push(chunk: Buffer): void {
    try {
      this.#splitter.push(chunk)
    } catch (error) {
      if (!(error instanceof BadFrame)) throw error
      this.#socket.destroy() // a broker of another version; the next one may be of this one
    }
  }

  #take(bytes: Buffer, start: number, end: number): void {
    const kind = kindAt(bytes, start)
    if (kind === kinds.goodbye) return this.#leave()
    if (kind === kinds.sync && !this.#wasOpen) return this.#open()
    this.#handlers.onFrame(bytes, start, end)
  }

  #open(): void {
    this.#isOpen = true
    this.#wasOpen = true
    this.#handlers.onOpen()
  }

  /** What the broker still delivers comes before anything of the next one: that begins after the close. */
  #leave(): void {
    this.#isOpen = false
    this.#handedOver = true
    this.#socket.end()
  }

  #close(): void {
    this.#isOpen = false
    this.#handlers.onClose({ wasOpen: this.#wasOpen, handedOver: this.#handedOver })
  }
}
