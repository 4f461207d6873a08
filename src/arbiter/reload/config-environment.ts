// Runs in the arbiter: keeps apart what the environment had at the start and what a config has changed in it
// while it was loaded (dotenv, process.loadEnvFile, process.env.X = …). Such changes belong to the generation
// of that config: its workers get them, and the next config is loaded without them, as by a restart. What
// hooks of the arbiter change later stays, and wins.

import { changedVariables, replaceVariables, setVariable, type Variables } from '../../os/variables.ts'
import type { EnvironmentChanges } from '../model/generation.ts'

/** What a load has returned, and what it has changed in the environment. */
export interface During<Result> {
  readonly result: Result
  readonly changes: EnvironmentChanges
}

/** The environment as the loads of a config and the workers see it. */
export interface LoadEnvironment {
  /** Runs one load of a config. Never two at the same time. */
  during<Result>(load: () => Promise<Result>): Promise<During<Result>>
  /** The environment of the arbiter is from now on that of the generation with these changes. */
  use(changes: EnvironmentChanges): void
  /** Returns what a worker of the generation with these changes inherits. */
  of(changes: EnvironmentChanges): NodeJS.ProcessEnv
}

export class ConfigEnvironment implements LoadEnvironment {
  /** process.env. */
  readonly #live: NodeJS.ProcessEnv
  readonly #start: Variables
  /** Of the generation that is wanted. */
  #changes: EnvironmentChanges = new Map()
  readonly #byHooks = new Map<string, string | undefined>()
  #isLoading = false

  constructor(live: NodeJS.ProcessEnv) {
    this.#live = live
    this.#start = { ...live }
  }

  async during<Result>(load: () => Promise<Result>): Promise<During<Result>> {
    this.#noteHooks()
    this.#isLoading = true
    replaceVariables(this.#live, this.#start)
    try {
      const result = await load()
      return { result, changes: changedVariables(this.#start, this.#live) }
    } finally {
      this.#isLoading = false
      replaceVariables(this.#live, this.#with(this.#changes))
    }
  }

  use(changes: EnvironmentChanges): void {
    this.#noteHooks()
    this.#changes = changes
    if (!this.#isLoading) replaceVariables(this.#live, this.#with(changes))
  }

  of(changes: EnvironmentChanges): NodeJS.ProcessEnv {
    this.#noteHooks()
    return this.#with(changes)
  }

  #with(changes: EnvironmentChanges): NodeJS.ProcessEnv {
    const variables: NodeJS.ProcessEnv = { ...this.#start }
    for (const [name, value] of [...changes, ...this.#byHooks]) setVariable(variables, name, value)
    return variables
  }

  /** While a config is loaded, changes are taken for its own. */
  #noteHooks(): void {
    if (this.#isLoading) return
    for (const [name, value] of changedVariables(this.#with(this.#changes), this.#live))
      this.#byHooks.set(name, value)
  }
}
