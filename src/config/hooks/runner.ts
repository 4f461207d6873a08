// Arbiter and workers: calls the user's hooks, sync or async, with the time limit, and handles their errors.
// The hooks of a process run one after another, in the order of the calls of `run`.

import { describeError } from '../../logging/records/describe-error.ts'
import { within } from '../../os/system/within.ts'
import { hookNames, hookTable, type HookName } from './table.ts'
import type { HookArguments } from './signatures.ts'
import type { Settings } from '../settings/table.ts'
import { isObject, isThenable } from '../../os/type-checks.ts'

/** A hook function and its file. */
export interface HookSource {
  readonly file: string
  readonly hook: (...parameters: readonly unknown[]) => unknown
}

export type HookSources = { readonly [Name in HookName]?: readonly HookSource[] }

/** A hook whose failure stops the start or the worker (`refuses`) threw, rejected or took too long. */
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

const timedOut = Symbol('timed out')

export class HookRunner {
  readonly #options: HookRunnerOptions
  /** Resolves when the last run so far is over. */
  #last: Promise<void> = Promise.resolve()
  /** Runs that are not over. */
  #pending = 0

  constructor(options: HookRunnerOptions) {
    this.#options = options
  }

  has(name: HookName): boolean {
    return this.#options.sources[name] !== undefined
  }

  /**
   * Runs all functions of a hook, after the hooks of earlier calls. Resolves when they are done or timed
   * out; rejects with a HookRefusal only for a hook that may refuse. Other failures go to `onFailure`.
   */
  run<Name extends HookName>(name: Name, ...parameters: HookArguments<Name>): Promise<void> {
    // If no hook is running the first function is called in this turn: before the next message that the
    // caller sends to another process.
    const done =
      this.#pending === 0
        ? this.#runAll(name, parameters)
        : this.#last.then(() => this.#runAll(name, parameters))
    this.#pending += 1
    this.#last = done.catch(itIsOver).then(() => void (this.#pending -= 1))
    return done
  }

  /** Runs a request hook in the turn of the caller. Returns a promise only if a hook is async. */
  runNow<Name extends HookName>(name: Name, ...parameters: HookArguments<Name>): Promise<void> | undefined {
    let pending: Promise<void> | undefined
    for (const source of this.#options.sources[name] ?? []) {
      const start = (): unknown => this.#call(name, source, parameters)
      const result: unknown = pending ? pending.then(start) : start()
      if (isThenable(result)) pending = Promise.resolve(result).then(() => undefined)
    }
    return pending
  }

  /**
   * Runs a hook whose results are used: each function gets a factory of what the one before it has returned.
   * Resolves with the last result; rejects with a HookRefusal.
   */
  async fold<Value extends object>(name: 'ssl_context', settings: Settings, initial: Value): Promise<Value> {
    let value = initial
    for (const { file, hook } of this.#options.sources[name] ?? []) {
      const before = value
      try {
        const result = await this.#bounded(name, Promise.resolve(hook(settings, () => ({ ...before }))))
        if (!isObject(result)) throw new Error(`it has to return an object of options; got ${typeof result}`)
        value = { ...result } as Value // Node checks each option
      } catch (error) {
        return this.#refuse({ hook: name, file, error })
      }
    }
    return value
  }

  async #runAll(name: HookName, parameters: readonly unknown[]): Promise<void> {
    for (const source of this.#options.sources[name] ?? []) {
      await this.#call(name, source, parameters)
    }
  }

  #call(name: HookName, source: HookSource, parameters: readonly unknown[]): unknown {
    try {
      const result = source.hook(...parameters)
      if (!isThenable(result)) return undefined
      return this.#bounded(name, result).catch((error: unknown) => this.#failed(name, source, error))
    } catch (error) {
      return this.#failed(name, source, error)
    }
  }

  async #bounded(name: HookName, result: PromiseLike<unknown>): Promise<unknown> {
    const { timeout } = this.#options
    const outcome: unknown = await within(result, timeout, { late: timedOut })
    if (outcome === timedOut)
      throw new Error(`${name} did not finish within ${timeout / 1000} s (hook_timeout)`)
    return outcome
  }

  #failed(hook: HookName, { file }: HookSource, error: unknown): void {
    if (!refuses(hook)) return this.#options.onFailure({ hook, file, error })
    this.#refuse({ hook, file, error })
  }

  #refuse({ hook, file, error }: HookFailure): never {
    throw new HookRefusal(`the hook ${hook} of ${file} failed: ${describeError(error).message}`, {
      cause: error,
    })
  }
}

/** Picks the hook functions from the values of a module or a config object. */
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

/** Combines the hooks of several files, in the order of the files. */
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

/** The caller of `run` gets the error; the next run only waits for the end. */
function itIsOver(): void {}
