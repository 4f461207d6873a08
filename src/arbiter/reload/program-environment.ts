// Runs in the arbiter that is a program with code of its own: the environment belongs to that program, and is
// never changed here. The workers of a generation get it as it is when its config is loaded.

import { changedVariables, setVariable, type Variables } from '../../os/variables.ts'
import type { EnvironmentChanges } from '../model/generation.ts'
import type { During, LoadEnvironment } from './config-environment.ts'

export class ProgramEnvironment implements LoadEnvironment {
  /** process.env. */
  readonly #live: NodeJS.ProcessEnv
  readonly #start: Variables

  constructor(live: NodeJS.ProcessEnv) {
    this.#live = live
    this.#start = { ...live }
  }

  async during<Result>(load: () => Promise<Result>): Promise<During<Result>> {
    const result = await load()
    return { result, changes: changedVariables(this.#start, this.#live) }
  }

  use(): void {
    // the program's own
  }

  of(changes: EnvironmentChanges): NodeJS.ProcessEnv {
    const variables: NodeJS.ProcessEnv = { ...this.#start }
    for (const [name, value] of changes) setVariable(variables, name, value)
    return variables
  }
}
