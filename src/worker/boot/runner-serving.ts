// Runs in the process of a service with `run`, in the shape in which the life of a worker knows what its
// process serves. What belongs to HTTP has no effect.

import type { Drain, Serving } from '../../serving/classes/worker-class.ts'
import type { Runner } from '../../services/runner.ts'

export class RunnerServing implements Serving {
  readonly server = null
  readonly #name: string
  readonly #runner: Pick<Runner, 'end'>

  constructor(name: string, runner: Pick<Runner, 'end'>) {
    this.#name = name
    this.#runner = runner
  }

  listen(): Promise<void> {
    return Promise.resolve()
  }

  load(): ReturnType<Serving['load']> {
    return { requests: 0, busy: 0, connections: 0, overdue: 0 }
  }

  async drain({ within, onShut }: Drain): Promise<readonly string[]> {
    onShut()
    const hasEnded = await this.#runner.end(within)
    return hasEnded ? [] : [`start() of ${this.#name}`]
  }

  inFlight(): [] {
    return []
  }

  startedIn(): [] {
    return []
  }

  logInFlight(): void {}

  add(): void {}

  unready(): void {}

  respond(): void {}
}
