// The core of the arbiter. One loop takes one command at a time, changes what is known, lets each pool plan
// and act, and waits for nothing but the next command: a reload, a stop and a hook in progress are state.

import { mainService } from '../../config/sources/service-plans.ts'
import type { ServerView } from '../../config/hooks/views.ts'
import type { WorkerMessage } from '../../ipc/messages.ts'
import type { Timer } from '../../os/system/clock.ts'
import type { ArbiterCommand } from '../model/commands.ts'
import type { Generation } from '../model/generation.ts'
import { servedUrls } from '../model/served-sockets.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { serverView } from '../model/view.ts'
import { trialTime } from '../model/death/verdict.ts'
import type { Moment, Pool } from '../pool/pool.ts'
import { Reload } from '../reload/reload.ts'
import { serviceName, waitsForOldArbiter, waitsForOthers } from '../services/order.ts'
import { Stop } from '../stop/stop.ts'
import { Deaths } from './deaths.ts'
import type { ArbiterOptions } from './options.ts'
import { Orders } from './orders.ts'
import { Pools } from './pools.ts'
import { longestTick, Punctuality } from './punctuality.ts'
import { StartPhase } from './start-phase.ts'
import { StraySignals } from './stray-signals.ts'
import { Upkeep } from './upkeep.ts'

/** Milliseconds by which the arbiter is late before this is logged. */
const reportedLateness = 1000

export class Arbiter {
  /** The server as its hooks see it. */
  readonly view: ServerView = serverView(() => this.snapshot())
  readonly #options: ArbiterOptions
  readonly #pools: Pools
  readonly #reload: Reload
  readonly #stop: Stop
  readonly #start = new StartPhase()
  readonly #deaths: Deaths
  readonly #orders: Orders
  readonly #strays = new StraySignals()
  readonly #punctuality = new Punctuality()
  readonly #upkeep: Upkeep
  #tick: Timer | undefined

  constructor(options: ArbiterOptions) {
    const { system, queue, emit, first, source, files, upgrade, onWanted } = options
    const { clock } = system
    this.#options = options
    this.#pools = new Pools({ ...options, commands: queue, view: this.view }, first)
    const shared = { clock, emit, commands: queue, pools: this.#pools, listeners: options.listeners }
    this.#reload = new Reload({
      ...shared,
      first,
      source,
      files,
      isSecond: () => upgrade.isSecond,
      onWanted,
      scale: (target) => this.#scale(target),
      onAdopted: () => void this.hooks.run('on_reload', this.view),
    })
    this.#stop = new Stop({
      ...shared,
      drainDelay: () => this.#reload.current.config.durations.drain_delay,
      announce: () => this.hooks.run('on_stopping', this.view),
    })
    const state = {
      view: this.view,
      reload: this.#reload,
      stop: this.#stop,
      start: this.#start,
      pools: this.#pools,
    }
    this.#deaths = new Deaths(options, state)
    this.#orders = new Orders(options, state, (target, pool) => this.#scale(target, pool))
    this.#upkeep = new Upkeep(options, () => source.renew(), clock.now())
  }

  /** The hooks of the wanted generation. */
  get hooks(): Generation['hooks'] {
    return this.#reload.current.hooks
  }

  snapshot(): Snapshot {
    const { version, logs, history, system } = this.#options
    const { current } = this.#reload
    const { config } = current
    return {
      version,
      pid: process.pid,
      config: config.file,
      settings: config.settings,
      durations: config.durations,
      listeners: servedUrls(current),
      pools: this.#pools.snapshot(),
      schedules: this.#pools.schedules.snapshot(),
      logs: logs.views(),
      ownLogs: logs.ownViews(),
      history,
      startedAt: this.#options.startedAt ?? 0,
      bus: this.#options.busFigures?.(),
      now: system.clock.now(),
    }
  }

  /** Resolves when every pipe of every worker is at its end. */
  outputEnded(): Promise<void> {
    return this.#pools.outputEnded()
  }

  /** Serves until the server is stopped or the start fails. Resolves with the exit code. */
  async run(): Promise<number> {
    this.#pools.services.adopt(this.#reload.current)
    this.#pools.schedules.adopt(this.#reload.current)
    this.#pools.tasks.begin(this.#reload.current)
    this.#act()
    while (!this.#isOver()) {
      const command = await this.#options.queue.take()
      this.#handle(command)
      this.#act()
    }
    this.#tick?.cancel()
    return this.#start.exitCode
  }

  #isOver(): boolean {
    return this.#stop.isOrdered && this.#pools.workers.length === 0
  }

  #act(): void {
    const now = this.#options.system.clock.now()
    this.#upkeep.tick(now) // here, because the command `tick` never comes while other commands keep coming
    this.#forgiveOwnLateness(now)
    this.#stop.orderIfDue(now)
    this.#stop.orderNext()
    if (!this.#stop.isOn) this.#reload.checkHung()
    this.#endUnusedTasks()
    this.#pools.schedules.act(now, this.#mayRunSchedules)
    for (const pool of this.#pools.all) pool.act(this.#moment(pool, now))
    if (!this.#stop.isOn) this.#checkProgress(now)
    for (const { slots, workers } of this.#pools.all) slots.reportRecovery(workers, now, this.#options.emit)
    this.#scheduleTick(now)
  }

  #moment(pool: Pool, now: number): Moment {
    const serves = this.#pools.serving.includes(pool)
    const stops = serves ? this.#stop.isOn : this.#stop.endsTasks
    return { now, stopping: stops || this.#reload.holdsWorkers || (serves && this.#waits(pool)) }
  }

  /** Not before the workers of the start serve, and not beside an older arbiter. */
  get #mayRunSchedules(): boolean {
    return !this.#start.isOn && !this.#stop.isOn && !this.#options.upgrade.isSecond
  }

  /** For the tasks that it may call, or, in a start or a reload, for the services that it needs. */
  #waits(pool: Pool): boolean {
    const { isSecond } = this.#options.upgrade
    if (this.#reload.waitsForTasks(pool) || waitsForOldArbiter(pool, isSecond)) return true
    const isOrdered = this.#start.isOn || this.#reload.isOn
    return isOrdered && waitsForOthers(pool, this.#pools.serving, isSecond)
  }

  /** The last worker that could call them has exited. */
  #endUnusedTasks(): void {
    const { callers, tasks } = this.#pools
    if (this.#stop.endsTasks) return this.#stop.orderTasks()
    const { number } = this.#reload.current
    tasks.endUnused(number, (generation) =>
      callers.some(({ workers }) => workers.some((worker) => worker.generation === generation)),
    )
  }

  #checkProgress(now: number): void {
    if (this.#start.isOn && this.#reload.isComplete) this.#completeStart()
    this.#reload.checkDone(now)
    if (!this.#reload.isOn) this.#pools.services.forgetRemoved(this.#reload.current)
    if (!this.#start.isOn) this.#reload.loadRemembered()
    this.#reload.discardUnused()
  }

  #completeStart(): void {
    const { clock } = this.#options.system
    this.#start.complete(clock.now())
    this.#options.emit({ type: 'workers_ready', count: this.#pools.app.target })
    void this.hooks.run('workers_ready', this.view)
    // The command that has started a daemon reports its start when the trial is over.
    const wait = this.#reload.current.config.settings.daemon ? trialTime : 0
    if (wait === 0) this.#options.onReady()
    else clock.after(wait, () => this.#stop.isOn || this.#options.onReady())
  }

  #scheduleTick(now: number): void {
    this.#tick?.cancel()
    const moments = this.#pools.all.map((pool) => pool.nextMoment(this.#moment(pool, now)))
    const due = this.#mayRunSchedules ? this.#pools.schedules.nextMoment(now) : Infinity
    const next = Math.max(now, Math.min(...moments, due, this.#stop.orderAt, now + longestTick))
    this.#punctuality.expect(next)
    const { system, queue } = this.#options
    this.#tick = system.clock.after(next - now, () => queue.put({ type: 'tick' }))
  }

  /** If this process was stopped or blocked, the beats of its workers are still in the pipes. */
  #forgiveOwnLateness(now: number): void {
    const late = this.#punctuality.look(now)
    if (late === 0) return
    if (late >= reportedLateness) this.#options.emit({ type: 'master_blocked', by: late })
    for (const pool of this.#pools.all) pool.forgive(late, now)
  }

  #handle(command: ArbiterCommand): void {
    switch (command.type) {
      case 'signal':
        this.#strays.note(command.signal, this.#options.system.clock.now())
        return this.#orders.signal(command.signal)
      case 'order':
        return void this.#orders.apply(command.order).then(command.onResult) // never rejects
      case 'start':
        return this.#pools.of(command.age)?.start(command.age)
      case 'message':
        return this.#onMessage(command.age, command.message)
      case 'disconnected':
        return this.#pools.of(command.age)?.endings.disconnected(command.age)
      case 'end':
        return this.#deaths.reap(command.age, command.end)
      case 'loaded':
        return this.#stop.isOn ? undefined : this.#reload.loaded(command.generation)
      case 'load_failed':
        return this.#reload.loadFailed(command.reason)
      case 'files_changing':
        return this.#stop.isOn ? undefined : this.#reload.filesChanging()
      case 'files_changed':
        return this.#stop.isOn ? undefined : this.#reload.filesChanged(command.files)
      case 'upgrade':
        return this.#options.upgrade.apply(command.note)
      case 'stop_workers':
        return this.#stop.announced()
      case 'tls':
        return this.#pools.all.forEach((pool) => pool.renewTls())
      case 'tell':
        return command.onTold(this.#pools.all.flatMap((pool) => pool.tell(command.message)))
      case 'tick':
        return // only to act
    }
  }

  #onMessage(age: number, message: WorkerMessage): void {
    const pool = this.#pools.of(age)
    const worker = pool?.get(age)
    if (pool === undefined || worker === undefined) return
    const { emit, logs, system } = this.#options
    if (
      message.type === 'signal' &&
      !this.#stop.isOn &&
      this.#strays.isStray(message.signal, system.clock.now())
    )
      emit({ type: 'worker_signal', worker, signal: message.signal })
    if (message.type === 'cut') emit({ type: 'worker_cut', worker, requests: message.requests })
    if (message.type === 'challenged') this.#options.onChallenged?.(age, message.nr)
    if (message.type === 'bus') this.#options.onBusWanted?.()
    if (message.type === 'dropped') logs.countLost(message.log, message.lines, worker.service ?? undefined)
    if (message.type === 'tasks') this.#pools.figures.report(worker, message.report)
    if (message.type === 'loaded_files') this.#reload.sawFiles(worker, message.files)
    if (message.type === 'broken') {
      pool.noteBootError(age, message.error.message)
      this.#reload.workerBroken(worker, message.error)
    }
    if (message.type === 'boot_failed') this.#deaths.bootFailed(pool, worker, message)
    pool.report(worker, message)
  }

  #scale(target: number, pool = this.#pools.app): void {
    const from = pool.scale(target)
    if (from === target) return
    const service = serviceName(pool)
    this.#options.emit({ type: 'scaled', service, from, to: target })
    if (service === mainService) void this.hooks.run('nworkers_changed', this.view, target, from)
  }
}
