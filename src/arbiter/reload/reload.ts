// Runs in the arbiter: a reload from the order to its end. It changes which generation is wanted; `plan` does
// the rest.

import type { Generation } from '../model/generation.ts'
import { Generations, type Load } from './generations.ts'
import type { ArbiterOptions } from '../loop/options.ts'
import type { Slots } from '../pool/backoff.ts'
import { whyNotReady } from '../report/narrate.ts'
import { isComplete } from './complete.ts'
import { changedSettings } from './settings-changes.ts'
import { trialOf } from '../pool/trial.ts'
import type { WorkerRecord } from '../model/worker-record.ts'

/** What of the arbiter a reload changes. */
export interface ReloadTarget {
  readonly slots: Pick<Slots, 'clear'>
  /** How many workers there should be. */
  readonly target: () => number
  readonly scale: (target: number) => void
  /** A new generation is wanted: its hook on_reload runs. */
  readonly onAdopted: () => void
}

type ReloadOptions = Pick<ArbiterOptions, 'first' | 'steps' | 'queue' | 'clock' | 'report' | 'onSettings'>

export class Reloads {
  readonly #options: ReloadOptions
  readonly #server: ReloadTarget
  readonly #generations: Generations

  constructor(options: ReloadOptions, server: ReloadTarget) {
    this.#options = options
    this.#server = server
    this.#generations = new Generations(options.first, options.steps, options.queue)
  }

  /** The generation that every slot should have. */
  get current(): Generation {
    return this.#generations.current
  }

  /** Why no upgrade can begin: which sockets and code stay is not settled. */
  get noUpgrade(): string | undefined {
    const isOn = this.#generations.isLoading || this.#generations.since !== undefined
    return isOn ? 'a reload is going on; try again when it is over' : undefined
  }

  /** For restarts that go another way. */
  get generations(): Generations {
    return this.#generations
  }

  /** Other code, other luck. */
  clearSlots(): void {
    this.#server.slots.clear()
  }

  /** Answers the number of the attempt, which its events carry. */
  request(isStarting: boolean): number {
    const load = this.#generations.load(isStarting)
    this.#tellLoad(load)
    return load.attempt
  }

  adopt(generation: Generation): void {
    const { report, clock, onSettings } = this.#options
    const before = this.current.config.settings
    const kept = this.#generations.adopt(generation, this.#server.target(), clock.now())
    if (kept.length > 0) report({ type: 'reload_kept', settings: kept })
    const changes = changedSettings(before, this.current.config.settings)
    if (changes.length > 0) report({ type: 'reload_changes', changes })
    for (const message of this.current.config.warnings) report({ type: 'warning', message })
    onSettings(this.current)
    this.#server.slots.clear()
    this.#server.scale(generation.workers)
    this.#server.onAdopted()
  }

  loadFailed(reason: string): void {
    this.#options.report({ type: 'reload_failed', attempt: this.#generations.attempt, reason })
    this.#generations.loadFailed()
  }

  /**
   * The new generation does not boot: the old one is the wanted one again, and `plan` puts replaced slots
   * back.
   */
  fail({ generation }: WorkerRecord, reason: string): void {
    const target = this.#generations.revert(generation, this.#server.target())
    if (target === undefined) return
    this.#options.report({ type: 'reload_failed', attempt: this.#generations.attempt, reason })
    this.#options.onSettings(this.current)
    this.#server.slots.clear()
    this.#server.scale(target)
  }

  /**
   * A worker that hangs is killed at boot_timeout. Its end may take a while: the reload does not wait, and
   * nobody is started to hang beside it.
   */
  noticeHung(workers: readonly WorkerRecord[]): void {
    for (const worker of workers)
      if (worker.state === 'killed' && worker.reason === 'boot_timeout')
        this.fail(worker, whyNotReady(worker, { code: null, signal: 'SIGKILL' }))
  }

  /** Milliseconds that the worker which is started now waits before it listens. */
  trialOf(workers: readonly WorkerRecord[]): number {
    return this.#generations.since === undefined ? 0 : trialOf(workers, this.current.number)
  }

  /** Whether every slot has a worker of the wanted generation that serves, and nobody else does. */
  isComplete(workers: readonly WorkerRecord[]): boolean {
    return isComplete(workers, this.current.number, this.#server.target())
  }

  /** A reload is done as soon as the workers say so, whatever has brought them there: an end or TTOU, too. */
  noticeEnd(workers: readonly WorkerRecord[], now: number): void {
    const { since, attempt } = this.#generations
    if (since === undefined || !this.isComplete(workers)) return
    this.#options.report({ type: 'reloaded', attempt, generation: this.current.number, took: now - since })
    this.#generations.complete()
  }

  /** If a HUP came meanwhile, begins with what it asks for. */
  loadRemembered(): void {
    if (this.#generations.loadRemembered())
      this.#tellLoad({ attempt: this.#generations.attempt, begins: true })
  }

  /** Removes the code of generations that no worker runs any more. */
  discardUnused(uses: (generation: Generation) => boolean): void {
    this.#generations.discardUnused(uses)
  }

  #tellLoad({ attempt, begins }: Load): void {
    this.#options.report({ type: begins ? 'reloading' : 'reload_remembered', attempt })
  }
}
