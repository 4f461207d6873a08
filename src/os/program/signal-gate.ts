// Master and worker: the kernel's signals, apart from the listeners of the program in this process (the app,
// its libraries, modules of --require and --import). `process.on('SIGTERM', () => process.exit())` is right
// for `node app.js` and cuts requests off here: the gate keeps such listeners, they just are not called.
// `listeners`, `listenerCount` and `removeListener` show the program what it has added, and nothing else.

import type { EventEmitter } from 'node:events'

type Receive = () => void

export class SignalGate {
  readonly #process: NodeJS.Process
  readonly #receivers = new Map<string, Receive>()
  /** Node gives a signal back to the kernel when its last listener is removed; not so one of this gate. */
  readonly #staysOpen: boolean

  constructor(process: NodeJS.Process) {
    this.#process = process
    this.#staysOpen = keepOpen(process, (signal) => this.#receivers.has(signal))
  }

  /**
   * From now on the signal only calls `receive`, also where listeners were added before. A later call for the
   * same signal replaces `receive`.
   */
  on(signal: NodeJS.Signals, receive: Receive): void {
    const isTaken = this.#receivers.has(signal)
    if (isTaken) return void this.#receivers.set(signal, receive)
    const listeners = this.#process.rawListeners(signal)
    this.#process.removeAllListeners(signal) // closes what Node has bound to them
    this.#receivers.set(signal, receive)
    this.#bind(signal)
    for (const listener of listeners) this.#process.on(signal, listener as NodeJS.SignalsListener)
  }

  /** Node binds `process.emit` of the moment at which the first listener of a signal is added. */
  #bind(signal: NodeJS.Signals): void {
    const { emit } = this.#process
    const gate = (name: string, ...parameters: unknown[]): unknown =>
      name === signal
        ? this.#receivers.get(signal)?.()
        : Reflect.apply(emit, this.#process, [name, ...parameters])
    Reflect.set(this.#process, 'emit', gate)
    try {
      this.#process.on(signal, holdOpen)
    } finally {
      Reflect.set(this.#process, 'emit', emit)
    }
    if (this.#staysOpen) this.#process.off(signal, holdOpen)
  }
}

/**
 * Returns false on a version of Node.js that does it in another way: then a listener of ours stays visible.
 */
function keepOpen(process: NodeJS.Process, isTaken: (signal: string) => boolean): boolean {
  const events: EventEmitter = process // the types of `process` itself have no `removeListener`
  const release = events.listeners('removeListener').find(({ name }) => name === 'stopListeningIfSignal')
  if (release === undefined) return false
  events.off('removeListener', release as () => void)
  events.on('removeListener', (name: string | symbol, listener: unknown) => {
    if (!isTaken(String(name))) Reflect.apply(release, process, [name, listener])
  })
  return true
}

/** The gate does the work. */
function holdOpen(): void {}
