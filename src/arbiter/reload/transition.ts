// Runs in the arbiter: which generation is wanted, which one a failed reload goes back to, and the loads in
// between. A HUP during a reload is remembered: the next load begins when this reload is over.

import { ConfigError } from '../../config/problems/problem.ts'
import type { SettingName } from '../../config/settings/table.ts'
import type { ErrorReport } from '../../ipc/messages.ts'
import { describeError } from '../../logging/records/describe-error.ts'
import type { Commands } from '../model/commands.ts'
import type { Generation, GenerationSource } from '../model/generation.ts'
import { keepFixed } from './fixed-settings.ts'

export interface Load {
  readonly attempt: number
  /** False when it has to wait. */
  readonly begins: boolean
}

interface Change {
  readonly from: Generation
  /** How many workers of the app were wanted before the reload. */
  readonly target: number
  readonly since: number
}

/** A reload that has failed. */
export interface Reverted {
  readonly failed: Generation
  /** How many workers of the app were wanted before. */
  readonly target: number
}

export class Transition {
  readonly #source: GenerationSource
  readonly #commands: Commands
  readonly #unused = new Set<Generation>()
  #current: Generation
  #change: Change | undefined
  #loading = false
  #again = false
  #attempt = 0

  constructor(first: Generation, source: GenerationSource, commands: Commands) {
    this.#current = first
    this.#source = source
    this.#commands = commands
  }

  /** The generation that every slot should have. */
  get current(): Generation {
    return this.#current
  }

  /** Since when a reload is in progress, in monotonic milliseconds; undefined while none is. */
  get since(): number | undefined {
    return this.#change?.since
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
    if (isStarting || this.#loading || this.#change !== undefined) {
      this.#again = true
      return { attempt: this.#attempt + 1, begins: false }
    }
    this.#loading = true
    this.#attempt += 1
    this.#source.next().then(
      (generation) => this.#commands.put({ type: 'loaded', generation }),
      (error: unknown) => this.#commands.put({ type: 'load_failed', reason: reasonOf(error) }),
    )
    return { attempt: this.#attempt, begins: true }
  }

  /** The load has succeeded: its generation is wanted. Returns the settings that keep their old values. */
  adopt(loaded: Generation, target: number, now: number): readonly SettingName[] {
    this.#loading = false
    const before = this.#current.config
    const { settings, kept } = keepFixed(before.settings, loaded.config.settings)
    this.#change = { from: this.#current, target, since: now }
    // The user of the workers is fixed too, and belongs to the settings that stay.
    this.#current = { ...loaded, config: { ...loaded.config, settings, identity: before.identity } }
    return kept
  }

  /** What was loaded, if it could be, is outdated. */
  drop(loaded: Generation | undefined): void {
    this.#loading = false
    if (loaded) this.#unused.add(loaded)
  }

  /** Workers that are started from now on show this error instead of running the code. */
  breakWith(error: ErrorReport): void {
    this.#current = { ...this.#current, broken: error }
  }

  loadFailed(): void {
    this.#loading = false
  }

  /** Goes back, if this is the number of the generation that a reload brings in; else returns undefined. */
  revert(generation: number): Reverted | undefined {
    const change = this.#change
    if (change === undefined || generation !== this.#current.number) return undefined
    const failed = this.#current
    this.#unused.add(failed)
    this.#current = change.from
    this.#change = undefined
    return { failed, target: change.target }
  }

  /** The reload is done: there is no way back. */
  complete(): void {
    if (this.#change) this.#unused.add(this.#change.from)
    this.#change = undefined
  }

  /** Begins with a load that was remembered. Returns whether it does. */
  loadRemembered(): boolean {
    if (!this.#again || this.#loading || this.#change !== undefined) return false
    this.#again = false
    return this.load().begins
  }

  /** Removes the code of generations that no worker runs any more. */
  discardUnused(uses: (generation: Generation) => boolean): void {
    for (const generation of this.#unused) {
      if (uses(generation)) continue
      this.#source.discard(generation)
      this.#unused.delete(generation)
    }
  }
}

/** A user's mistake in one line; anything else with its stack. */
function reasonOf(error: unknown): string {
  return error instanceof ConfigError ? error.message : describeError(error).stack
}
