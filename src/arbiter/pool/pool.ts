// Runs in the arbiter: one set of workers with one kind of work. Its target, its generation and its slots are
// what `plan` decides from; the pool carries the actions out.

import type { SlotView } from '../../config/hooks/views.ts'
import type { ArbiterMessage, WorkerMessage } from '../../ipc/messages.ts'
import type { Generation } from '../model/generation.ts'
import type { ProcessEnd } from '../model/death/process-end.ts'
import type { Action, Situation } from '../model/situation.ts'
import type { PoolSnapshot } from '../model/snapshot.ts'
import { keepsSlot } from '../model/sockets.ts'
import { judge, type Verdict } from '../model/death/verdict.ts'
import type { ExitReason, WorkerRecord } from '../model/worker-record.ts'
import { holdsSlot } from '../model/worker-state.ts'
import { SlotHistories, type Failure } from './backoff.ts'
import { isComplete } from './complete.ts'
import { Endings } from './endings.ts'
import { Members } from './members.ts'
import { forced, nextMoment, plan } from './plan.ts'
import type { PoolContext } from './pool-parts.ts'
import { WorkerReports } from './reports.ts'
import { Spawning } from './spawning.ts'
import { trialOf } from './trial.ts'

export interface PoolOptions {
  readonly name: string
  readonly generation: Generation
  /** How many workers a generation asks for. */
  readonly targetIn: (generation: Generation) => number
  /** Its processes are started one by one, and none is replaced. Default: false. */
  readonly runsOnly?: boolean
}

/** What a moment of the server means for its pools. */
export interface Moment {
  readonly now: number
  /** While it is set no worker is started or replaced. */
  readonly stopping: boolean
}

/** What a generation is wanted for. */
export interface Wanted {
  /** A reload is in progress: its first worker is on trial. */
  readonly tries?: boolean
  /** A development restart is in progress. */
  readonly restarts?: boolean
}

/** A worker that was reaped. */
export interface Death extends Failure {
  readonly worker: WorkerRecord
  readonly verdict: Verdict
  /** Milliseconds since its slot was claimed. */
  readonly lived: number
}

export class Pool {
  readonly name: string
  /** How many workers a generation asks for. */
  readonly targetIn: PoolOptions['targetIn']
  readonly endings: Endings
  readonly slots: SlotHistories
  readonly #context: PoolContext
  readonly #runsOnly: boolean
  readonly #members = new Members()
  readonly #spawning: Spawning
  readonly #reports: WorkerReports
  #generation: Generation
  #target: number
  /** Why workers of its generation are started, besides to fill slots. */
  #wanted: Wanted = {}

  constructor({ name, generation, targetIn, runsOnly = false }: PoolOptions, context: PoolContext) {
    const parts = { ...context, members: this.#members }
    this.name = name
    this.targetIn = targetIn
    this.#context = context
    this.#runsOnly = runsOnly
    this.#generation = generation
    this.#target = targetIn(generation)
    this.slots = new SlotHistories(context.system.random)
    this.endings = new Endings(parts)
    this.#spawning = new Spawning(parts)
    this.#reports = new WorkerReports(parts, this.endings)
  }

  /** How many workers there should be. */
  get target(): number {
    return this.#target
  }

  /** The generation that every slot should have. */
  get generation(): Generation {
    return this.#generation
  }

  /** Every worker that may have a process, oldest first. */
  get workers(): readonly WorkerRecord[] {
    return this.#members.roster.all()
  }

  get(age: number): WorkerRecord | undefined {
    return this.#members.roster.get(age)
  }

  /** Every slot has a worker of the wanted generation that serves, and no other worker does. */
  get isComplete(): boolean {
    return isComplete(this.workers, this.#generation.number, this.#target)
  }

  /** Carries out what `plan` decides now. */
  act(moment: Moment): void {
    const { areShared } = this.#context.listeners
    const trial =
      this.#wanted.tries || areShared ? trialOf(this.workers, this.#generation.number, areShared) : 0
    const decide = this.#runsOnly ? forced : plan
    for (const action of decide(this.#situation(moment))) this.#perform(action, trial)
    if (!moment.stopping) this.#closeUnusedSlots()
  }

  /** When `act` may have something to do although nothing has happened; Infinity when only an event can. */
  nextMoment(moment: Moment): number {
    return nextMoment(this.#situation(moment)) ?? Infinity
  }

  /** Wants another number of workers. Returns the number before. */
  scale(target: number): number {
    const before = this.#target
    this.#target = target
    return before
  }

  /** Starts a process that runs for this time, in milliseconds of the epoch, and ends. */
  run(runAt: number): void {
    this.#spawning.spawn({ nr: 0, trial: 0, restart: false }, { ...this.#generation, runAt })
  }

  /** Wants new workers in place of those that serve, one after another. */
  restart(): void {
    const since = this.#context.system.clock.now()
    const { roster } = this.#members
    for (const { age, state, due } of this.workers)
      if (state === 'ready') roster.note(age, { due: due ?? { reason: 'restart', since } })
  }

  /** Wants no workers any more: those that serve drain. */
  end(reason: ExitReason): void {
    this.#target = 0
    for (const { age, state } of this.workers) if (holdsSlot(state)) this.endings.retire(age, reason)
  }

  /** Wants another generation, or the same with another content. */
  want(generation: Generation, wanted: Wanted = {}): void {
    this.#generation = generation
    this.#wanted = wanted
  }

  /** Wants another generation, in which nothing differs for its workers: those of the wanted one stay. */
  keep(generation: Generation): void {
    const { number } = this.#generation
    this.want(generation)
    for (const worker of this.workers)
      if (worker.generation === number)
        this.#members.roster.note(worker.age, { generation: generation.number })
  }

  /** pre_fork of a worker is done. */
  start(age: number): void {
    this.#spawning.start(age, (nr) => this.slots.isLooping(nr))
  }

  /** A worker, or its watchdog, has reported something. */
  report(worker: WorkerRecord, message: WorkerMessage): void {
    this.#reports.apply(worker, message)
  }

  noteBootError(age: number, bootError: string): void {
    this.#members.roster.note(age, { bootError })
  }

  /** The arbiter was late: its workers are not to blame. */
  forgive(late: number, now: number): void {
    this.#members.roster.forgive(late, now)
  }

  /** The process of a worker has exited. Undefined for a worker that is not known. */
  bury(age: number, end: ProcessEnd): Death | undefined {
    this.#reports.ended(age)
    const worker = this.#members.remove(age)
    if (worker === undefined) return undefined
    const now = this.#context.system.clock.now()
    const verdict = judge(worker, end, now)
    const failure = this.#runsOnly ? { wait: 0 } : this.slots.ended(worker, verdict, now)
    return { worker, verdict, lived: now - worker.spawnedAt, ...failure }
  }

  /** With `drain_delay`: the workers that serve report from now on that they are not ready. */
  unready(): void {
    for (const { age, state } of this.workers)
      if (state === 'ready') this.#members.processOf(age)?.send({ type: 'unready' })
  }

  /** Each worker gets the present certificates of its generation. */
  renewTls(): void {
    for (const { age } of this.workers) {
      const message = this.#members.generationOf(age)?.tls?.message()
      if (message) this.#members.processOf(age)?.send(message)
    }
  }

  /** Returns the ages of the workers that get the message. */
  tell(message: ArbiterMessage): readonly number[] {
    const running = this.workers.filter(({ age }) => this.#members.processOf(age) !== undefined)
    for (const { age } of running) this.#members.processOf(age)?.send(message)
    return running.map(({ age }) => age)
  }

  uses(generation: Pick<Generation, 'number'>): boolean {
    return this.#members.uses(generation)
  }

  outputEnded(): Promise<void> {
    return this.#members.outputEnded()
  }

  snapshot(): PoolSnapshot {
    const { name, target, workers } = this
    const slots = Array.from({ length: target }, (_, nr) => this.#slotView(nr))
    return { name, target, generation: this.#generation.number, workers, slots }
  }

  /** No connection waits for the worker of a slot that is removed. */
  #closeUnusedSlots(): void {
    const held = new Set(this.#members.roster.holders().map(({ nr }) => nr))
    this.#generation.slots.keepOnly((nr) => keepsSlot(nr, this.#target) || held.has(nr))
  }

  #slotView(nr: number): SlotView {
    const isReady = this.workers.some((worker) => worker.nr === nr && worker.state === 'ready')
    return {
      nr,
      state: this.slots.isLooping(nr) ? 'crash-loop' : isReady ? 'ready' : 'starting',
      failures: this.slots.histories.get(nr)?.failures ?? 0,
      last_error: this.slots.lastError(nr),
    }
  }

  #situation({ now, stopping }: Moment): Situation {
    const { workers, target } = this
    const generation = this.#generation.number
    const { service } = this.#generation
    // One with `run` waits by itself, when it has loaded its module.
    const stopsFirst = service?.kind === 'command' && service.stopsFirst
    return { workers, target, generation, slots: this.slots.histories, stopsFirst, stopping, now }
  }

  #perform(action: Action, trial: number): void {
    const { restarts = false } = this.#wanted
    if (action.type === 'spawn')
      this.#spawning.spawn({ nr: action.nr, trial, restart: restarts }, this.#generation)
    if (action.type === 'retire')
      this.endings.retire(action.age, action.reason, { generation: this.#generation, target: this.#target })
    if (action.type === 'abort') this.endings.abort(action.age)
    if (action.type === 'kill') this.endings.kill(action.age)
  }
}
