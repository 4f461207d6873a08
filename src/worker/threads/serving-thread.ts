// Runs in the main thread of a worker: one thread that serves, with its port.

import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads'
import type { BootMessage } from '../../ipc/messages.ts'
import { ownUrl } from '../../os/own-code.ts'
import type { AboutThread, FromThread, ThreadStart, ToThread } from './messages.ts'
import { Unwritten } from './unwritten.ts'

export interface ThreadEnd {
  readonly code: number
  /** Node.js itself has ended it: its heap is full, or it could not be started. */
  readonly error: Error | undefined
}

export interface ThreadHandlers {
  readonly onMessage: (message: AboutThread) => void
  readonly onFrame: (frame: Extract<FromThread, { kind: 'frame' }>) => void
  readonly onPrint: (print: Extract<FromThread, { kind: 'print' }>) => void
  /** After its last message. */
  readonly onEnd: (end: ThreadEnd) => void
}

export class ServingThread {
  readonly #worker: Worker
  readonly #port: MessagePort
  readonly #handlers: ThreadHandlers
  readonly #frames = new Unwritten()
  readonly #output = new Unwritten()
  #error: Error | undefined

  constructor(boot: BootMessage, handlers: ThreadHandlers) {
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    this.#handlers = handlers
    this.#worker = new Worker(ownUrl('worker/threads/thread'), { argv: process.argv.slice(2) })
    const unwritten = { frames: this.#frames.memory, output: this.#output.memory }
    const start: ThreadStart = { boot, port: port2, unwritten }
    this.#worker.postMessage(start, [port2])
    port1.on('message', (message: FromThread) => this.#receive(message)) // of the same version
    this.#worker.on('error', (error) => (this.#error = error))
    this.#worker.once('exit', (code) => this.#end(code))
  }

  /** As the debugger knows it. */
  get id(): number {
    return this.#worker.threadId
  }

  post(message: ToThread): void {
    this.#port.postMessage(message)
  }

  /** Only in JavaScript: in native code that would abort the process. */
  terminate(): void {
    void this.#worker.terminate() // its end is an event
  }

  #receive(message: FromThread): void {
    if (message.kind === 'frame') {
      this.#handlers.onFrame(message)
      this.#frames.subtract(message.frame.length)
    } else if (message.kind === 'print') {
      this.#handlers.onPrint(message)
      this.#output.subtract(message.chunk.length)
    } else this.#handlers.onMessage(message)
  }

  #end(code: number): void {
    for (let rest = receiveMessageOnPort(this.#port); rest; rest = receiveMessageOnPort(this.#port))
      this.#receive(rest.message as FromThread)
    this.#port.close()
    this.#handlers.onEnd({ code, error: this.#error })
  }
}
