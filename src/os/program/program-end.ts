// Master and worker: the end of the program in this process (the app, preloaded modules), when all requests
// are served: its listeners of SIGTERM or SIGINT run, then those of `beforeExit`, as when `node` ends it.
// Each gets the time to deliver what it has (a database to close, spans to send), also if another one calls
// process.exit. All of it has a time limit.

import { constants } from 'node:os'
import { wait, type Clock } from '../system/clock.ts'
import { listResources, without } from './active-resources.ts'
import { closeWithoutListening } from './closed-servers.ts'
import { EndListeners, type ListenerFailure } from './end-listeners.ts'
import type { ExitCalls, ExitRequest } from './exit-calls.ts'

export interface ProgramEndParts {
  readonly process: NodeJS.Process
  readonly exits: Pick<ExitCalls, 'hold'>
  /** Its timers keep the process alive. */
  readonly clock: Clock
  /** What the event loop has to do for tsgun itself: these of the active resources do not count. */
  readonly own: () => readonly string[]
  readonly onFailure: (failure: ListenerFailure) => void
}

export interface EndOrder {
  /** Its listeners are called; without any, those of the other signal. */
  readonly signal: 'SIGTERM' | 'SIGINT'
  /** Milliseconds for all listeners together. */
  readonly within: number
}

export interface EndOutcome {
  /** What the program passed to `process.exit`, if it did. */
  readonly exitCode: number | undefined
  /** The listeners of this event were not done in time; what the event loop had left to do. */
  readonly late: { readonly event: string; readonly left: string } | undefined
}

/** Milliseconds between two looks. */
const interval = 10
/** Milliseconds that the other parts of the program may take after one has called `process.exit`. */
const afterExit = 3000

export class ProgramEnd {
  readonly #parts: ProgramEndParts
  readonly #listeners: EndListeners
  #exitCode: number | undefined
  /** When the program first asked to end, by the clock. */
  #requestedAt: number | undefined
  #onRequest: () => void = () => undefined

  constructor(parts: ProgramEndParts) {
    this.#parts = parts
    this.#listeners = new EndListeners(parts.onFailure)
  }

  /** From now on `process.exit` does not end the process: the caller does that after the last step. */
  begin(): void {
    closeWithoutListening()
    this.#parts.exits.hold((request) => this.#request(request))
  }

  /** Resolves when `run` has settled, or has called `process.exit`. Rejects with its error. */
  async step(run: () => unknown): Promise<void> {
    const requested = new Promise<void>((resolve) => (this.#onRequest = resolve))
    await Promise.race([Promise.resolve(run()), requested])
  }

  /** Runs the listeners. Resolves when they are done, or at the time limit. */
  async run({ signal, within }: EndOrder): Promise<EndOutcome> {
    const { process, clock } = this.#parts
    const endsAt = clock.now() + within
    const event = this.#signalWithListeners(signal)
    const late =
      (await this.#emit(event, [event, constants.signals[event]], endsAt)) ??
      (await this.#emit('beforeExit', [process.exitCode ?? 0], endsAt))
    return { exitCode: this.#exitCode, late }
  }

  #signalWithListeners(wanted: EndOrder['signal']): EndOrder['signal'] {
    const other = wanted === 'SIGTERM' ? 'SIGINT' : 'SIGTERM'
    const { process } = this.#parts
    return process.listenerCount(wanted) === 0 && process.listenerCount(other) > 0 ? other : wanted
  }

  async #emit(event: string, parameters: readonly unknown[], endsAt: number): Promise<EndOutcome['late']> {
    const { process, clock } = this.#parts
    if (process.listenerCount(event) === 0) return undefined
    const before = process.getActiveResourcesInfo()
    this.#requestedAt = undefined
    this.#listeners.call(process, event, parameters)
    // Twice in a row: between two steps of a program there may be a moment without anything to see.
    for (let looks = 0; looks < 2;) {
      if (clock.now() >= endsAt) return { event, left: listResources(this.#left()) }
      await wait(clock, interval)
      looks = this.#isOver(event, before) ? looks + 1 : 0
    }
    return undefined
  }

  #isOver(event: string, before: readonly string[]): boolean {
    if (this.#left().length === 0) return true // here `node` would end the process
    const begun = without(this.#parts.process.getActiveResourcesInfo(), before)
    if (this.#requestedAt !== undefined) return this.#isOverAfterExit(begun, this.#requestedAt)
    // Before `beforeExit` the event loop of `node` was empty. Here only what its listeners have begun counts.
    const isDone = event === 'beforeExit' ? this.#listeners.isSettled : this.#listeners.isDone
    return isDone && begun.length === 0
  }

  /** Timers are not waited for: a library that has called `process.exit` leaves its own time limit behind. */
  #isOverAfterExit(begun: readonly string[], requestedAt: number): boolean {
    const isAtWork = !this.#listeners.isSettled || begun.some((resource) => resource !== 'Timeout')
    return !isAtWork || this.#parts.clock.now() >= requestedAt + afterExit
  }

  #left(): readonly string[] {
    return without(this.#parts.process.getActiveResourcesInfo(), this.#parts.own())
  }

  #request({ code }: ExitRequest): void {
    this.#exitCode ??= code
    this.#requestedAt ??= this.#parts.clock.now()
    this.#onRequest()
  }
}
