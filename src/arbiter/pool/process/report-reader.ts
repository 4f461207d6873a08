// Runs in the arbiter: reads what the watchdog thread of a worker says, a line of JSON for each message. The
// app shares the descriptor, so everything is checked; what is not a message is reported and dropped.

import { openWorkerMessage, type WorkerMessage } from '../../../ipc/messages.ts'

export interface ReportHandlers {
  onMessage(message: WorkerMessage): void
  onUnknown(): void
}

/** Characters. No message is longer. */
const longestLine = 262_144

export class ReportReader {
  readonly #handlers: ReportHandlers
  readonly #decoder = new TextDecoder()
  #rest = ''

  constructor(handlers: ReportHandlers) {
    this.#handlers = handlers
  }

  push(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#read(line)
    if (this.#rest.length <= longestLine) return
    this.#rest = ''
    this.#handlers.onUnknown()
  }

  /** Drops a line that its worker could not finish. */
  end(): void {
    this.#rest = ''
  }

  #read(line: string): void {
    const message = openWorkerMessage(parse(line))
    if (message) this.#handlers.onMessage(message)
    else this.#handlers.onUnknown()
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined // reported as unknown
  }
}
