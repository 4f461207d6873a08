// The one door to a user's hooks, in the master and in the workers: it knows sync and async, the time limit,
// and what an exception means. Hooks of one process run one after another, in the order in which they were
// asked for.

import { describeError } from '../../logging/records/describe-error.ts'
import { hookNames, hookTable, type HookName } from './table.ts'
import type { HookArguments } from './signatures.ts'

/** One function for one hook name, and the file it came from. */
export interface HookSource {
  readonly file: string
  readonly hook: (...parameters: readonly unknown[]) => unknown
}

export type HookSources = { readonly [Name in HookName]?: readonly HookSource[] }

/** A hook that may refuse threw, rejected or took too long. */
export class HookRefusal extends Error {
  override readonly name = 'HookRefusal'
}

export interface HookFailure {
  readonly hook: HookName
  readonly file: string
  readonly error: unknown
}

export interface HookRunnerOptions {
  readonly sources: HookSources
  /** Milliseconds. */
  readonly timeout: number
  readonly onFailure: (failure: HookFailure) => void
}

export class HookRunner {
  readonly #options: HookRunnerOptions
  #lane: Promise<void> = Promise.resolve()
  /** Runs that are not over. */
  #pending = 0

  constructor(options: HookRunnerOptions) {
    this.#options = options
  }

  has(name: HookName): boolean {
    return this.#options.sources[name] !== undefined
  }

  /**
   * Runs every function of one hook, after those asked for earlier. Fulfils when they are done or out of
   * time; rejects with a HookRefusal only for a hook that may refuse. Other failures go to `onFailure`.
   */
  run<Name extends HookName>(name: Name, ...parameters: HookArguments<Name>): Promise<void> {
    // If nothing is under way the first function is called in this turn: before whatever the caller tells
    // other processes next.
    const done =
      this.#pending === 0
        ? this.#runAll(name, parameters)
        : this.#lane.then(() => this.#runAll(name, parameters))
    this.#pending += 1
    this.#lane = done.catch(itIsOver).then(() => void (this.#pending -= 1))
    return done
  }

  /**
   * Runs one hook in the caller's own turn, as the request hooks need it; a promise only if a hook is async.
   */
  runNow<Name extends HookName>(name: Name, ...parameters: HookArguments<Name>): Promise<void> | undefined {
    let pending: Promise<void> | undefined
    for (const source of this.#options.sources[name] ?? []) {
      const start = (): unknown => this.#call(name, source, parameters)
      const result: unknown = pending ? pending.then(start) : start()
      if (isPromiseLike(result)) pending = Promise.resolve(result).then(() => undefined)
    }
    return pending
  }

  async #runAll(name: HookName, parameters: readonly unknown[]): Promise<void> {
    for (const source of this.#options.sources[name] ?? []) {
      await this.#call(name, source, parameters)
    }
  }

  #call(name: HookName, source: HookSource, parameters: readonly unknown[]): unknown {
    try {
      const result = source.hook(...parameters)
      if (!isPromiseLike(result)) return undefined
      return this.#bounded(name, result).catch((error: unknown) => this.#failed(name, source, error))
    } catch (error) {
      return this.#failed(name, source, error)
    }
  }

  #bounded(name: HookName, result: PromiseLike<unknown>): Promise<unknown> {
    const { timeout } = this.#options
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${name} was not done after ${timeout / 1000} s (hook_timeout)`)),
        timeout,
      )
      // Any thenable: Promise.resolve makes a promise of it that keeps the rules.
      void Promise.resolve(result)
        .then(resolve, reject)
        .finally(() => clearTimeout(timer))
    })
  }

  #failed(hook: HookName, { file }: HookSource, error: unknown): void {
    if (!refuses(hook)) return this.#options.onFailure({ hook, file, error })
    throw new HookRefusal(`the hook ${hook} of ${file} failed: ${describeError(error).message}`, {
      cause: error,
    })
  }
}

/**
 * The functions under hook names among what a module or a config object holds, with what is wrong about the
 * others.
 */
export function pickHooks(
  values: Readonly<Record<string, unknown>>,
  file: string,
): Map<HookName, HookSource> {
  const found = new Map<HookName, HookSource>()
  for (const name of hookNames) {
    const value = values[name]
    if (typeof value === 'function')
      found.set(name, { file, hook: (...parameters) => Reflect.apply(value, values, parameters) })
  }
  return found
}

/** Puts the hooks of several files in their order: for each name, one list. */
export function combineHooks(files: readonly ReadonlyMap<HookName, HookSource>[]): HookSources {
  const combined: { [Name in HookName]?: HookSource[] } = {}
  for (const file of files) {
    for (const [name, source] of file) (combined[name] ??= []).push(source)
  }
  return combined
}

function refuses(name: HookName): boolean {
  return 'refuses' in hookTable[name]
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** The caller of `run` gets what went wrong; the lane only has to know that the hook is over. */
function itIsOver(): void {}
