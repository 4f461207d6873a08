// Runs in the arbiter: the one owner of a reload, from the order to its end: it loads the next generation,
// adopts it, and goes back when it fails. It only changes which generation the pools want; `plan` replaces
// the workers. With the setting `reload` it also restarts the workers when a file has changed.

import { mainService } from '../../config/sources/service-plans.ts'
import type { ErrorReport, SeenFile } from '../../ipc/messages.ts'
import type { Listener } from '../../listen/listener.ts'
import type { Clock } from '../../os/system/clock.ts'
import type { Commands } from '../model/commands.ts'
import type { Emit } from '../model/events.ts'
import type { Generation, GenerationSource } from '../model/generation.ts'
import { socketsOfServer } from '../model/sockets.ts'
import { whyNotReady, type Verdict } from '../model/death/verdict.ts'
import type { WorkerRecord } from '../model/worker-record.ts'
import type { Pool, Wanted } from '../pool/pool.ts'
import type { Schedules } from '../schedules/schedules.ts'
import { mustComeUp } from '../services/order.ts'
import type { ServicePools } from '../services/service-pools.ts'
import type { TaskPools } from '../tasks/task-pools.ts'
import { DevelopmentRestart, type FileWatcher } from './development-restart.ts'
import { changesBetween } from './settings-changes.ts'
import { Transition, type Load, type Reverted } from './transition.ts'

/** The pools of the server. */
export interface ReloadedPools {
  readonly app: Pool
  readonly services: Pick<ServicePools, 'adopt' | 'revert' | 'settle' | 'isComplete'>
  readonly schedules: Pick<Schedules, 'adopt'>
  readonly tasks: Pick<TaskPools, 'begin' | 'canRun' | 'isComplete'>
  readonly all: readonly Pool[]
  /** Those of the app and of the services. */
  readonly serving: readonly Pool[]
}

export interface ReloadParts {
  readonly first: Generation
  readonly source: GenerationSource
  readonly commands: Commands
  readonly clock: Pick<Clock, 'now'>
  readonly emit: Emit
  readonly pools: ReloadedPools
  /** The sockets that no generation uses any more are closed with the end of a reload. */
  readonly listeners: { keepOnly(listeners: readonly Listener[]): void }
  /** With `reload`: watches the files that the workers load. */
  readonly files?: FileWatcher | undefined
  /** This is the new arbiter of an upgrade, and the old one still runs. */
  readonly isSecond: () => boolean
  /** Wants another number of workers of the app. */
  readonly scale: (target: number) => void
  /** This generation is wanted: the logs and the file watcher follow its settings. */
  readonly onWanted: (generation: Generation) => void
  /** A new generation was adopted: the hook on_reload runs. */
  readonly onAdopted: () => void
}

export class Reload {
  readonly #parts: ReloadParts
  readonly #transition: Transition
  readonly #restart: DevelopmentRestart
  /** When the last load began, in monotonic milliseconds. */
  #begunAt = 0

  constructor(parts: ReloadParts) {
    this.#parts = parts
    this.#transition = new Transition(parts.first, parts.source, parts.commands)
    this.#restart = new DevelopmentRestart(parts, {
      transition: this.#transition,
      adopt: (generation) => this.#adopt(generation, { restarts: true }),
      isComplete: () => this.isComplete,
      settle: () => this.#settle(),
      breakWith: (error) => this.#breakWith(error),
    })
  }

  /** The generation that every slot should have. */
  get current(): Generation {
    return this.#transition.current
  }

  /** Why no upgrade can begin: which sockets and which code stay is not settled. */
  get noUpgrade(): string | undefined {
    const isOn = this.#transition.isLoading || this.#transition.since !== undefined
    return isOn ? 'a reload is in progress; try again when it is done' : undefined
  }

  /** The code that runs is outdated, and no newer one is loaded yet: no worker may start. */
  get holdsWorkers(): boolean {
    return this.#restart.holdsWorkers
  }

  /** A reload is in progress. */
  get isOn(): boolean {
    return this.#transition.since !== undefined
  }

  /** The new code may call tasks: its first worker in a pool that serves starts when each of them can run. */
  waitsForTasks({ workers }: Pick<Pool, 'workers'>): boolean {
    const serves = workers.some(({ state }) => state === 'ready')
    return this.isOn && serves && !this.#parts.pools.tasks.canRun(this.current.number)
  }

  /** Every slot of every wanted pool has a worker of its generation that serves, and no other worker does. */
  get isComplete(): boolean {
    const { app, services, serving, tasks } = this.#parts.pools
    return (
      app.isComplete &&
      services.isComplete({ serving, isProven: this.isOn, isSecond: this.#parts.isSecond() }) &&
      tasks.isComplete(this.current.number)
    )
  }

  /**
   * Loads the next generation, or remembers it. Returns the number of the attempt, which its events carry.
   */
  request(isStarting: boolean): number {
    const load = this.#transition.load(isStarting)
    this.#reportLoad(load)
    return load.attempt
  }

  loaded(generation: Generation): void {
    if (!this.#restart.loaded(generation)) this.#adopt(generation, { tries: true })
  }

  loadFailed(reason: string): void {
    if (this.#restart.loadFailed(reason)) return
    this.#parts.emit({ type: 'reload_failed', attempt: this.#transition.attempt, reason })
    this.#transition.loadFailed()
    this.#settle()
  }

  /** A watched file has changed, others may follow. */
  filesChanging(): void {
    this.#restart.begin()
  }

  /** The changed files are written. */
  filesChanged(files: readonly string[]): void {
    this.#restart.load(files)
  }

  /** A worker has loaded files, or looked for them. */
  sawFiles(worker: WorkerRecord, files: readonly SeenFile[]): void {
    this.#restart.saw(worker, files)
  }

  /** With `reload`: a worker cannot run the code, and serves the reason. */
  workerBroken(worker: WorkerRecord, error: ErrorReport): void {
    this.#restart.workerBroken(worker, error)
  }

  /**
   * A worker has died before it was ready. Returns whether the next worker shows why instead of trying again.
   */
  showsFailedBoot(worker: WorkerRecord, verdict: Verdict): boolean {
    return worker.service === mainService && this.#restart.failedBoot(worker, verdict)
  }

  /**
   * Whether no further worker of its generation follows: its death is the end of a reload, or comes
   * after it.
   */
  endsWith({ generation }: WorkerRecord, { broken }: Verdict): boolean {
    if (generation !== this.current.number) return true
    return broken !== null && this.#transition.since !== undefined
  }

  /** The new generation does not boot: the old one is wanted again, and `plan` puts replaced slots back. */
  fail({ generation }: Pick<WorkerRecord, 'generation'>, reason: string): void {
    const reverted = this.#transition.revert(generation)
    if (reverted === undefined) return
    const { emit, onWanted } = this.#parts
    // before the event: its listeners read the snapshot
    this.#want({})
    this.#parts.pools.services.revert(this.current)
    this.#parts.pools.schedules.adopt(this.current)
    emit({ type: 'reload_failed', attempt: this.#transition.attempt, reason })
    onWanted(this.current)
    this.#parts.scale(targetAfter(this.#parts.pools.app, reverted))
    this.#settle()
  }

  /**
   * A worker that hangs is killed at boot_timeout. Its end may take a while: the reload does not wait for it,
   * and no other worker is started to hang beside it.
   */
  checkHung(): void {
    const { all, serving } = this.#parts.pools
    const killed = all.filter((pool) => mustComeUp(pool, serving)).flatMap(({ workers }) => workers)
    for (const worker of killed.filter(
      ({ state, reason }) => state === 'killed' && reason === 'boot_timeout',
    ))
      this.fail(worker, whyNotReady(worker, { code: null, signal: 'SIGKILL' }))
  }

  /** A reload is done as soon as the workers are, whatever led there: also an end or TTOU. */
  checkDone(now: number): void {
    const { since, attempt } = this.#transition
    if (since !== undefined && this.isComplete) {
      const took = now - this.#begunAt
      this.#parts.emit({ type: 'reloaded', attempt, generation: this.current.number, took })
      this.#transition.complete()
      this.#settle()
    }
    this.#restart.checkDone(now)
  }

  /** Begins with the reload that a HUP has asked for meanwhile. */
  loadRemembered(): void {
    if (this.#transition.loadRemembered())
      this.#reportLoad({ attempt: this.#transition.attempt, begins: true })
  }

  /** Removes the code of generations that no worker runs any more. */
  discardUnused(): void {
    this.#transition.discardUnused((generation) =>
      this.#parts.pools.all.some((pool) => pool.uses(generation)),
    )
  }

  #adopt(generation: Generation, wanted: Wanted): void {
    const { emit, clock, onWanted, onAdopted, pools, scale } = this.#parts
    const before = this.current
    const kept = this.#transition.adopt(generation, pools.app.target, clock.now())
    this.#want(wanted)
    pools.services.adopt(this.current, wanted)
    pools.schedules.adopt(this.current)
    pools.tasks.begin(this.current)
    const { warnings } = this.current.config
    if (kept.length > 0) emit({ type: 'reload_kept', settings: kept })
    const changes = changesBetween(before, this.current)
    if (changes.length > 0) emit({ type: 'reload_changes', changes })
    for (const message of warnings) emit({ type: 'warning', message })
    onWanted(this.current)
    scale(pools.app.targetIn(generation))
    onAdopted()
  }

  /** The app's pool wants the current generation; what failed before says nothing about it. */
  #want(wanted: Wanted): void {
    const { app } = this.#parts.pools
    app.want(this.current, wanted)
    app.slots.clear()
  }

  /** No reload is in progress any more: nothing is on trial, and sockets that are not used are closed. */
  #settle(): void {
    this.#parts.pools.app.want(this.current)
    this.#parts.pools.services.settle(this.current)
    this.#parts.listeners.keepOnly(socketsOfServer(this.current))
  }

  #breakWith(error: ErrorReport): void {
    this.#transition.breakWith(error)
    this.#want({ tries: this.#transition.since !== undefined, restarts: this.#restart.isOn })
  }

  #reportLoad({ attempt, begins }: Load): void {
    if (begins) this.#begunAt = this.#parts.clock.now()
    this.#parts.emit({ type: begins ? 'reloading' : 'reload_queued', attempt })
  }
}

/** The number of workers before the reload, unless an operator has changed it since. */
function targetAfter(app: Pool, { failed, target }: Reverted): number {
  const isOperators = app.target !== app.targetIn(failed)
  return isOperators ? app.target : target
}
