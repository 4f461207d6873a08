// Runs in the command: a process that is started before it is known what it will be used for. Meanwhile Node
// starts in it and loads its files, on another core.

import { within } from '../system/within.ts'
import { inheritedNow, type Inherited } from './inherited.ts'
import { spawnProcess, type SpawnedProcess, type SpawnHandlers, type SpawnOptions } from './spawn.ts'

/** Milliseconds that `discard` waits. */
const patience = 1000

export class EarlyProcess {
  readonly options: SpawnOptions
  /** What it has inherited besides. */
  readonly inherited: Inherited = inheritedNow()
  readonly #process: SpawnedProcess
  #handlers: SpawnHandlers | undefined
  /** Messages that arrived before it was taken. */
  #waiting: unknown[] = []
  #isWaiting = true
  #hasEnded = Promise.resolve()

  constructor(options: SpawnOptions) {
    this.options = options
    let onEnd = (): void => undefined
    this.#process = spawnProcess(options, {
      onMessage: (message) => {
        if (this.#handlers === undefined) this.#waiting.push(message)
        else this.#handlers.onMessage(message)
      },
      onChannelClosed: () => this.#handlers?.onChannelClosed?.(),
      onEnd: (code, signal, error) => {
        onEnd()
        this.#handlers?.onEnd(code, signal, error)
      },
    })
    if (this.#process.pid !== undefined) this.#hasEnded = new Promise((resolve) => (onEnd = resolve))
    this.#process.hold(false) // a config that waits for nothing has to end this process
  }

  /**
   * Returns the process, whose messages and end go to the handlers. Undefined when it has ended or is taken.
   */
  take(handlers: SpawnHandlers): SpawnedProcess | undefined {
    if (!this.#isWaiting || !this.#process.isRunning) return undefined
    this.#isWaiting = false
    this.#handlers = handlers
    this.#process.hold(true)
    const waiting = this.#waiting.splice(0)
    queueMicrotask(() => waiting.forEach((message) => handlers.onMessage(message)))
    return this.#process
  }

  /** Ends the process, unless it is taken. Resolves when it has ended, at the latest after a second. */
  async discard(): Promise<void> {
    if (!this.#isWaiting) return
    this.#isWaiting = false
    this.#process.hold(true)
    this.#process.kill('SIGKILL')
    await within(this.#hasEnded, patience)
  }
}
