// Runs in the arbiter: which generation is wanted, which one it would go back to, and the loads in between. A
// HUP during a reload is remembered: the next load begins when this reload is over.

import { describeError } from '../../logging/records/describe-error.ts'
import { ConfigError } from '../../config/problems/problem.ts'
import type { SettingName } from '../../config/settings/table.ts'
import type { ErrorReport } from '../../ipc/messages.ts'
import type { CommandQueue } from '../model/commands.ts'
import type { Generation } from '../model/generation.ts'
import { keepFixed } from './complete.ts'

/** What the loader of generations offers. */
export interface GenerationSteps {
  next(): Promise<Generation>
  discard(generation: Generation): void
  renew(): void
}

export interface Load {
  readonly attempt: number
  /** False when it has to wait. */
  readonly begins: boolean
}

interface Reload {
  readonly from: Generation
  /** The number of workers before the reload. */
  readonly target: number
  readonly since: number
}

export class Generations {
  readonly #steps: GenerationSteps
  readonly #queue: CommandQueue
  readonly #unused = new Set<Generation>()
  #current: Generation
  #reload: Reload | undefined
  #loading = false
  #again = false
  #attempt = 0

  constructor(first: Generation, steps: GenerationSteps, queue: CommandQueue) {
    this.#current = first
    this.#steps = steps
    this.#queue = queue
  }

  /** The one that every slot should have. */
  get current(): Generation {
    return this.#current
  }

  /** Since when a reload runs; undefined when none does. */
  get since(): number | undefined {
    return this.#reload?.since
  }

  get isLoading(): boolean {
    return this.#loading
  }

  /** The number of the load that was begun last. */
  get attempt(): number {
    return this.#attempt
  }

  /** Begins to load the next generation, or remembers it until the start or the present reload is over. */
  load(isStarting = false): Load {
    if (isStarting || this.#loading || this.#reload !== undefined) {
      this.#again = true
      return { attempt: this.#attempt + 1, begins: false }
    }
    this.#loading = true
    this.#attempt += 1
    this.#steps.next().then(
      (generation) => this.#queue.put({ type: 'loaded', generation }),
      (error: unknown) => this.#queue.put({ type: 'load_failed', reason: reasonOf(error) }),
    )
    return { attempt: this.#attempt, begins: true }
  }

  /**
   * The load has succeeded: its generation is the wanted one. Answers the settings that keep their old
   * values.
   */
  adopt(loaded: Generation, target: number, now: number): readonly SettingName[] {
    this.#loading = false
    const { settings, kept } = keepFixed(this.#current.config.settings, loaded.config.settings)
    this.#reload = { from: this.#current, target, since: now }
    // Who the workers run as is fixed too, and belongs to the settings that stay.
    this.#current = {
      ...loaded,
      config: { ...loaded.config, settings, identity: this.#current.config.identity },
    }
    return kept
  }

  /** What was loaded, if it could be, is not wanted any more. */
  drop(loaded: Generation | undefined): void {
    this.#loading = false
    if (loaded) this.#unused.add(loaded)
  }

  /** Workers that are started from now on show this instead of running the code. */
  breakWith(error: ErrorReport): void {
    this.#current = { ...this.#current, broken: error }
  }

  /** The load has failed. */
  loadFailed(): void {
    this.#loading = false
  }

  /**
   * Goes back, if this generation is the one that a reload brings in. Answers the number of workers there was
   * before; the present one, if an operator has changed it since.
   */
  revert(generation: number, target: number): number | undefined {
    const reload = this.#reload
    if (reload === undefined || generation !== this.#current.number) return undefined
    const isOperators = target !== this.#current.workers
    this.#unused.add(this.#current)
    this.#current = reload.from
    this.#reload = undefined
    return isOperators ? target : reload.target
  }

  complete(): void {
    if (this.#reload) this.#unused.add(this.#reload.from)
    this.#reload = undefined
  }

  /** If a HUP came meanwhile, begins with what it asks for. Answers whether it does. */
  loadRemembered(): boolean {
    if (!this.#again || this.#loading || this.#reload !== undefined) return false
    this.#again = false
    return this.load().begins
  }

  /** Removes the code of generations that no worker runs any more. */
  discardUnused(uses: (generation: Generation) => boolean): void {
    for (const generation of this.#unused) {
      if (uses(generation)) continue
      this.#steps.discard(generation)
      this.#unused.delete(generation)
    }
  }
}

/** A user's mistake in one line; anything else with its stack. */
function reasonOf(error: unknown): string {
  return error instanceof ConfigError ? error.message : describeError(error).stack
}
