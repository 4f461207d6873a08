// Runs in a task process: what `run` gets besides its input. The signal and the way of progress are made when
// they are used.

import { writeValue } from '../wire/messages.ts'
import type { RunContext } from '../model/definition.ts'
import type { Caller } from './caller.ts'

/** Bytes of progress that may be unsent. */
export const mostUnsent = 16 * 1024 * 1024

export class RunScope implements RunContext<unknown> {
  readonly model: unknown
  readonly id: string
  readonly #caller: Caller
  readonly #fail: (error: Error) => void

  /** `fail`: fails the call at once, whatever the task returns later. */
  constructor(caller: Caller, { model, id, fail }: Pick<RunContext<unknown>, 'model' | 'id'> & Failing) {
    this.model = model
    this.id = id
    this.#caller = caller
    this.#fail = fail
  }

  get signal(): AbortSignal {
    return this.#caller.signal
  }

  get progress(): (value: unknown) => Promise<void> {
    return (value) => this.#send(value)
  }

  #send(value: unknown): Promise<void> {
    const caller = this.#caller
    if (caller.isAnswered || caller.stage === 'over') return Promise.resolve()
    try {
      if (caller.unsent > mostUnsent) throw new Error(overflow)
      return caller.send(writeValue('progress', value, 'progress')) ? Promise.resolve() : caller.drained()
    } catch (error) {
      return this.#refuse(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** The call fails in any case, also when the task does not await progress(). */
  #refuse(error: Error): Promise<void> {
    this.#fail(error)
    const refused = Promise.reject(error)
    refused.catch(() => undefined) // known to the caller of the task
    return refused
  }
}

interface Failing {
  readonly fail: (error: Error) => void
}

const overflow =
  'more than 16 MB of progress are unsent, because the caller reads them more slowly than the task sends ' +
  'them: await progress()'
