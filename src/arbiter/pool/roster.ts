// Runs in the arbiter: every worker that may have a process. The only thing that changes a record, and it
// does no I/O.

import type { WorkerRecord } from '../model/worker-record.ts'
import { holdsSlot, isAlive, nextState, type WorkerInput, type WorkerState } from '../model/worker-state.ts'

export class Roster {
  readonly #byAge = new Map<number, WorkerRecord>()

  add(record: WorkerRecord): void {
    this.#byAge.set(record.age, record)
  }

  get(age: number): WorkerRecord | undefined {
    return this.#byAge.get(age)
  }

  /** Oldest first. */
  all(): readonly WorkerRecord[] {
    return [...this.#byAge.values()]
  }

  inState(...states: readonly WorkerState[]): readonly WorkerRecord[] {
    return this.all().filter(({ state }) => states.includes(state))
  }

  /** Those that serve or will. */
  holders(): readonly WorkerRecord[] {
    return this.all().filter(({ state }) => holdsSlot(state))
  }

  /**
   * Moves a worker by the table and records what changes with it. Answers the new record, or undefined when
   * the input meant nothing.
   */
  apply(age: number, input: WorkerInput, changes: Partial<WorkerRecord> = {}): WorkerRecord | undefined {
    const record = this.#byAge.get(age)
    const state = record && nextState(record.state, input)
    if (record === undefined || state === undefined) return undefined
    const next = {
      ...record,
      deadline: null,
      ...changes,
      reason: record.reason ?? changes.reason ?? null,
      state,
    }
    if (isAlive(state)) this.#byAge.set(age, next)
    else this.#byAge.delete(age)
    return next
  }

  /** So many milliseconds count neither as a worker's silence nor against its deadline. */
  forgive(late: number, now: number): void {
    for (const record of this.all()) {
      const { age, lastBeat, deadline } = record
      this.note(age, {
        lastBeat: Math.min(now, lastBeat + late),
        deadline: deadline === null ? null : deadline + late,
      })
    }
  }

  /** Records facts that move nothing: the pid, a beat, a shorter deadline. */
  note(
    age: number,
    changes: Partial<
      Pick<
        WorkerRecord,
        | 'pid'
        | 'lastBeat'
        | 'load'
        | 'limits'
        | 'due'
        | 'deadline'
        | 'accepting'
        | 'bootError'
        | 'debugged'
        | 'report'
      >
    >,
  ): void {
    const record = this.#byAge.get(age)
    if (record) this.#byAge.set(age, { ...record, ...changes })
  }
}
