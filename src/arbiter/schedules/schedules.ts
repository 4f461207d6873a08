// Runs in the arbiter: the schedules of the server. Of two arbiters in an upgrade only the one that serves
// alone, or has served first, starts runs; the other one goes on where the notes of that one end.

import { describeError } from '../../logging/records/describe-error.ts'
import type { Emit } from '../model/events.ts'
import type { Generation } from '../model/generation.ts'
import type { ScheduleSnapshot } from '../model/snapshot.ts'
import type { Note, Notes, TickStore } from '../model/tick-notes.ts'
import type { PoolContext } from '../pool/pool-parts.ts'
import type { Death, Pool } from '../pool/pool.ts'
import { Schedule } from './schedule.ts'
import { ticksSince } from './ticks.ts'

/** Milliseconds by which the clock may go back without a record. */
const backTolerance = 1000

export class Schedules {
  readonly #context: PoolContext
  readonly #emit: Emit
  readonly #schedules = new Map<string, Schedule>()
  #store: TickStore | undefined
  #isActive = false
  /** The clock is behind the last run. */
  #isBehind = false

  constructor(context: PoolContext) {
    this.#context = context
    this.#emit = context.emit
  }

  get pools(): readonly Pool[] {
    return [...this.#schedules.values()].map(({ pool }) => pool)
  }

  get names(): readonly string[] {
    return [...this.#schedules.keys()]
  }

  get(name: string): Schedule | undefined {
    return this.#schedules.get(name)
  }

  /** The schedules of this generation are wanted. A run in progress goes on with the code that it has. */
  adopt(generation: Generation): void {
    const { schedules } = generation.config
    const now = this.#context.system.wall()
    for (const plan of schedules) {
      const present = this.#schedules.get(plan.name)
      const isSame =
        present?.times?.cron === plan.schedule?.cron && present?.times?.timezone === plan.schedule?.timezone
      const schedule = present ?? new Schedule(plan, generation, this.#context)
      schedule.want(plan, generation)
      if (!isSame) schedule.lookFrom(now)
      this.#schedules.set(plan.name, schedule)
    }
    for (const schedule of this.#schedules.values()) {
      if (schedules.some(({ name }) => name === schedule.name)) continue
      schedule.remove()
      if (!schedule.isRunning) this.#schedules.delete(schedule.name)
    }
    if (schedules.length > 0) this.#store ??= this.#open(generation)
  }

  /** `mayRun`: the server serves, and no older arbiter does. `now`: monotonic milliseconds. */
  act(now: number, mayRun: boolean): void {
    if (this.#schedules.size === 0) return
    if (mayRun && !this.#isActive) this.#takeNotes()
    this.#isActive = mayRun
    if (mayRun) this.#look(this.#context.system.wall())
    for (const schedule of this.#schedules.values()) schedule.act(now, mayRun)
  }

  /** When `act` has something to do, in monotonic milliseconds. */
  nextMoment(now: number): number {
    const wall = this.#context.system.wall()
    const moments = [...this.#schedules.values()].map(({ next, endsAt }) =>
      Math.min(now + Math.max(1, next - wall), endsAt),
    )
    return Math.min(Infinity, ...moments)
  }

  ended(death: Death): void {
    const { service } = death.worker
    this.#schedules.get(service ?? '')?.ended(death, this.#context.system.wall())
  }

  snapshot(): readonly ScheduleSnapshot[] {
    const now = this.#context.system.wall()
    return [...this.#schedules.values()].map((schedule) => schedule.snapshot(now))
  }

  #look(wall: number): void {
    this.#tellBack(Math.max(...[...this.#schedules.values()].map(({ last }) => last)) - wall)
    const passed = [...this.#schedules.values()].flatMap((schedule) => {
      const { times, last, next } = schedule
      if (times === undefined || next > wall) return []
      return [{ schedule, ticks: ticksSince(times.table, last, wall) }]
    })
    if (passed.length === 0) return
    for (const { schedule, ticks } of passed) schedule.lookFrom(ticks.last)
    this.#writeNotes() // before a run starts
    for (const { schedule, ticks } of passed) schedule.due(ticks)
  }

  #tellBack(behind: number): void {
    if (behind > backTolerance && !this.#isBehind)
      this.#emit({ type: 'warning', message: behindWords(behind) })
    this.#isBehind = behind > backTolerance
  }

  #open(generation: Generation): TickStore | undefined {
    try {
      return this.#context.openTicks(generation)
    } catch (error) {
      this.#warn('cannot be opened', error)
      return undefined
    }
  }

  /** What another arbiter, or this server before a restart, has noted. */
  #takeNotes(): void {
    const notes = this.#readNotes()
    for (const schedule of this.#schedules.values()) {
      const note: Note | undefined = notes.get(schedule.name)
      if (note !== undefined && note.cron === keyOf(schedule)) schedule.lookFrom(note.last)
    }
  }

  #readNotes(): Notes {
    try {
      return this.#store?.read() ?? new Map()
    } catch (error) {
      this.#warn('cannot be read, so it is not known what was missed', error)
      return new Map()
    }
  }

  #writeNotes(): void {
    const notes = [...this.#schedules.values()].map(
      (schedule) => [schedule.name, { cron: keyOf(schedule), last: schedule.last }] as const,
    )
    try {
      this.#store?.write(new Map(notes))
    } catch (error) {
      this.#warn('cannot be written', error)
    }
  }

  #warn(what: string, error: unknown): void {
    const message = `the file with the last times of the schedules ${what}: ${describeError(error).message}`
    this.#emit({ type: 'warning', message })
  }
}

function keyOf({ times }: Schedule): string {
  return `${times?.cron ?? ''} ${times?.timezone ?? ''}`
}

function behindWords(behind: number): string {
  const by = Math.round(behind / 1000)
  return `the clock of the machine has gone back by ${by} s: runs of schedules up to then are not repeated`
}
