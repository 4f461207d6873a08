// Runs in the arbiter: the records of the workers that may have a process. The only class that changes a
// record, and it does no I/O.

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

  /** The workers that serve or will serve. */
  holders(): readonly WorkerRecord[] {
    return this.all().filter(({ state }) => holdsSlot(state))
  }

  /**
   * Moves a worker by the table and records what changes with it. Returns the new record, or undefined when
   * the input changes nothing.
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

  /** The arbiter was late by this many milliseconds: they count neither as silence nor against a deadline. */
  forgive(late: number, now: number): void {
    for (const record of this.all()) {
      const { age, lastBeat, state } = record
      // The lock of one that is ready is given to another machine then.
      const deadline = state === 'ready' ? null : record.deadline
      this.note(age, {
        lastBeat: Math.min(now, lastBeat + late),
        deadline: deadline === null ? record.deadline : deadline + late,
      })
    }
  }

  /** Records facts that do not change the state: the pid, a beat, a shorter deadline. */
  note(
    age: number,
    changes: Partial<
      Pick<
        WorkerRecord,
        | 'pid'
        | 'generation'
        | 'lastBeat'
        | 'load'
        | 'limits'
        | 'due'
        | 'left'
        | 'deadline'
        | 'accepting'
        | 'running'
        | 'bootError'
        | 'fault'
        | 'debugged'
        | 'report'
      >
    >,
  ): void {
    const record = this.#byAge.get(age)
    if (record) this.#byAge.set(age, { ...record, ...changes })
  }
}
