// Runs in the arbiter: the fields by which a machine recognises a record of the error log: the event, the
// worker that it is about, and how long that lives, or how long the start, reload, restart, upgrade or
// stop has taken.

import { mainService } from '../../config/sources/service-plans.ts'
import type { Clock } from '../../os/system/clock.ts'
import type { ArbiterEvent } from '../model/events.ts'
import { eventTable, type EventRow, type Subject } from './event-table.ts'

export type Identity = Readonly<Record<string, unknown>> & { readonly event: ArbiterEvent['type'] }

/** The event has measured it. */
function durationIn(event: ArbiterEvent): number | undefined {
  if ('took' in event) return event.took
  return 'lived' in event ? event.lived : undefined
}

export class Identities {
  readonly #clock: Pick<Clock, 'now'>
  /** When each subject has begun, in monotonic milliseconds. */
  readonly #began = new Map<Subject, number>()

  /** `startedAt`: when the start has begun, in monotonic milliseconds. */
  constructor(clock: Pick<Clock, 'now'>, startedAt: number) {
    this.#clock = clock
    this.#began.set('start', startedAt)
  }

  /** Each event once, in their order. */
  of(event: ArbiterEvent): Identity {
    const now = this.#clock.now()
    const { type } = event
    const { of, begins }: EventRow = eventTable[type]
    if (begins) this.#began.set(of, now)
    if (of === 'server') return { event: type }
    const duration_ms = Math.round(durationIn(event) ?? now - this.#beginningOf(event, of, now))
    if (!('worker' in event)) return { event: type, duration_ms }
    const { nr, task, service, pid, age, generation } = event.worker
    const fields = { event: type, nr, worker_pid: pid, age, generation, duration_ms }
    if (task !== null) return { ...fields, task }
    return service === mainService ? fields : { ...fields, service }
  }

  #beginningOf(event: ArbiterEvent, of: Subject, now: number): number {
    if ('worker' in event) return event.worker.spawnedAt
    return this.#began.get(of) ?? now
  }
}
