// Runs in the arbiter: one schedule: what waits, what runs, and what has become of its runs. There is never
// more than one run of it.

import type { ScheduleTimes, ServicePlan } from '../../config/sources/service-plans.ts'
import type { Emit } from '../model/events.ts'
import type { Generation } from '../model/generation.ts'
import type { RunView, ScheduleSnapshot } from '../model/snapshot.ts'
import { holdsSlot } from '../model/worker-state.ts'
import type { PoolContext } from '../pool/pool-parts.ts'
import { Pool, type Death } from '../pool/pool.ts'
import { serviceGeneration } from '../services/service-generation.ts'
import { noSockets } from '../model/sockets.ts'
import type { Ticks } from './ticks.ts'

/** Runs that wait with `overlap: "queue"`; further ones are left out. */
const mostWaiting = 16
/** Runs that `tsgunctl schedules` shows. */
const mostShown = 10

/** Why a run was ended before it was done. */
const reasons: Readonly<Record<string, string>> = {
  run_timeout: 'it took longer than `timeout`',
  overlap: 'the next run took its place',
  stop: 'the server stopped',
  quit: 'the server stopped',
}

export class Schedule {
  readonly pool: Pool
  readonly #emit: Emit
  #plan: ServicePlan
  #last = 0
  #next = Infinity
  /** Times of the epoch whose runs have not started, oldest first. */
  readonly #waiting: number[] = []
  readonly #history: RunView[] = []
  #counts = { runs: 0, failed: 0, missed: 0, skipped: 0 }

  constructor(plan: ServicePlan, generation: Generation, context: PoolContext) {
    this.#plan = plan
    this.#emit = context.emit
    const options = { name: plan.name, generation: generationOf(generation, plan), runsOnly: true }
    this.pool = new Pool({ ...options, targetIn: () => 0 }, context)
  }

  get name(): string {
    return this.#plan.name
  }

  get times(): ScheduleTimes | undefined {
    return this.#plan.schedule
  }

  get isRunning(): boolean {
    return this.pool.workers.length > 0
  }

  /** The last time that was looked at, in milliseconds of the epoch. */
  get last(): number {
    return this.#last
  }

  /** The first time after it: a cron expression is searched once for each time. Infinity: none comes. */
  get next(): number {
    return this.#next
  }

  lookFrom(last: number): void {
    this.#last = last
    this.#next = this.times?.table.next(last) ?? Infinity
  }

  /** The next run has this config and code. */
  want(plan: ServicePlan, generation: Generation): void {
    this.#plan = plan
    this.pool.want(generationOf(generation, plan))
  }

  /** Applies what the clock says. */
  due({ due, missed }: Ticks): void {
    const { name, times } = this
    if (times === undefined) return
    const isMadeGood = missed !== undefined && due === undefined && times.missed === 'once'
    if (missed !== undefined) {
      this.#counts.missed += missed.count
      this.#emit({ type: 'schedule_missed', schedule: name, ...missed, isMadeGood })
    }
    const time = due ?? (isMadeGood ? missed.to : undefined)
    if (time !== undefined) this.#arrive(time, times)
  }

  /** By hand. Returns why it cannot run now; undefined when it does. */
  runNow(time: number): string | undefined {
    if (this.isRunning || this.#waiting.length > 0) return `${this.name} runs already`
    this.#waiting.push(time)
    return undefined
  }

  /** Starts what waits, and ends what has run for too long. `now`: monotonic milliseconds. */
  act(now: number, mayRun: boolean): void {
    for (const { age, state, spawnedAt } of this.pool.workers)
      if (holdsSlot(state) && spawnedAt + this.#limit <= now) this.pool.endings.retire(age, 'run_timeout')
    if (!mayRun || this.isRunning) return
    const time = this.#waiting.shift()
    if (time !== undefined) this.pool.run(time)
  }

  /** When the run in progress has taken too long, in monotonic milliseconds. */
  get endsAt(): number {
    return Math.min(Infinity, ...this.pool.workers.map(({ spawnedAt }) => spawnedAt + this.#limit))
  }

  /** A run has ended. */
  ended({ worker, verdict, lived }: Death, now: number): void {
    const ok = worker.reason === 'done' && verdict.isOrderly
    this.#counts.runs += 1
    if (!ok) this.#counts.failed += 1
    this.#history.push({
      started: new Date(now - lived).toISOString(),
      pid: worker.pid,
      seconds: Math.round(lived / 100) / 10,
      ok,
      reason: ok ? null : (reasons[worker.reason ?? ''] ?? verdict.how),
    })
    if (this.#history.length > mostShown) this.#history.shift()
  }

  /** A removed schedule starts nothing more. */
  remove(): void {
    this.#waiting.length = 0
  }

  snapshot(now: number): ScheduleSnapshot {
    const { cron = '', timezone = null, table } = this.times ?? {}
    // The second arbiter of an upgrade does not look while the first one does.
    const next = this.#next > now ? this.#next : (table?.next(now) ?? Infinity)
    const pids = this.pool.workers.map(({ pid }) => pid)
    return {
      name: this.name,
      cron,
      timezone,
      next: next === Infinity ? null : new Date(next).toISOString(),
      running: pids[0] ?? null,
      waiting: this.#waiting.length,
      ...this.#counts,
      history: [...this.#history],
    }
  }

  get #limit(): number {
    return this.times?.timeout || Infinity
  }

  #arrive(time: number, { overlap }: ScheduleTimes): void {
    if (!this.isRunning && this.#waiting.length === 0) return void this.#waiting.push(time)
    if (overlap === 'queue' && this.#waiting.length < mostWaiting) return void this.#waiting.push(time)
    if (overlap !== 'kill') {
      this.#counts.skipped += 1
      return this.#emit({ type: 'schedule_skipped', schedule: this.name, time })
    }
    this.#waiting.splice(0, Infinity, time)
    for (const { age, state } of this.pool.workers)
      if (holdsSlot(state)) this.pool.endings.retire(age, 'overlap')
  }
}

function generationOf(generation: Generation, plan: ServicePlan): Generation {
  return serviceGeneration(generation, { plan, ...noSockets() })
}
