// Runs in the process of a service with `run`, or of a run of a schedule, in the shape in which the life of a
// worker knows what its process serves.

import type { Drain, Serving } from '../../serving/classes/worker-class.ts'
import { ServingWithoutHttp } from './serving-without-http.ts'

/** What runs in the process. */
export interface Running {
  /** Resolves with false when it has not ended after this many milliseconds. */
  end(milliseconds: number): Promise<boolean>
}

export class RunnerServing extends ServingWithoutHttp implements Serving {
  readonly #name: string
  readonly #runner: Running
  readonly #call: string

  /** `call`: what runs, for the record of one that had to be cut off. */
  constructor(name: string, runner: Running, call = 'start()') {
    super()
    this.#name = name
    this.#call = call
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
    return hasEnded ? [] : [`${this.#call} of ${this.#name}`]
  }
}
