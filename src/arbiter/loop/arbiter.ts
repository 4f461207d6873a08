// The master's heart. One loop takes one command at a time, changes what is known, lets `plan` decide and
// carries its actions out. It never waits for anything but the next command: a reload, a stop and a hook in
// progress are state.

import type { ServerView } from '../../config/hooks/views.ts'
import type { WorkerMessage } from '../../ipc/messages.ts'
import { exitCodes } from '../../ipc/exit-codes.ts'
import type { Timer } from '../../os/system/clock.ts'
import { Slots } from '../pool/backoff.ts'
import type { ArbiterOptions } from './options.ts'
import { ChangeRestarts } from '../reload/development-restart.ts'
import type { ArbiterCommand, ProcessEnd } from '../model/commands.ts'
import type { Generation } from '../model/generation.ts'
import { reopenLogs, rotateLogs } from '../report/log-care.ts'
import { whyNotReady } from '../report/narrate.ts'
import { refusal, taken, type Answer, type Order, type OrderSituation } from '../model/orders.ts'
import { nextMoment, plan, type Situation } from '../pool/plan.ts'
import { longestTick, Punctuality } from './punctuality.ts'
import { Reloads } from '../reload/reload.ts'
import { createServerView } from '../model/snapshot.ts'
import { orderOf } from './signal-orders.ts'
import { isMasterSignal, type ArbiterSignal } from './signals.ts'
import { Stops } from '../stop/stop.ts'
import { diedOnTrial, whyOnTrial } from '../pool/trial.ts'
import { Upkeep } from './upkeep.ts'
import { wasOrdered, type WorkerRecord } from '../model/worker-record.ts'
import { viewOf, Workforce } from '../pool/workforce.ts'

/** Milliseconds by which the master is late before its log says so. */
const worthTelling = 1000

export class Arbiter {
  readonly #options: ArbiterOptions
  readonly #workforce: Workforce
  readonly #reloads: Reloads
  readonly #changes: ChangeRestarts
  readonly #view: ServerView
  readonly #slots = new Slots()
  readonly #stops: Stops
  readonly #punctuality = new Punctuality()
  readonly #upkeep: Upkeep
  #target: number
  #starting = true
  #exitCode: number = exitCodes.ok.code
  #startFailure: string | undefined
  #tick: Timer | undefined

  constructor(options: ArbiterOptions) {
    this.#options = options
    this.#workforce = new Workforce(options)
    this.#reloads = new Reloads(options, {
      slots: this.#slots,
      target: () => this.#target,
      scale: (to) => this.#scale(to),
      onAdopted: () => void this.hooks.run('on_reload', this.#view),
    })
    this.#changes = new ChangeRestarts(options, { reloads: this.#reloads, workforce: this.#workforce })
    this.#stops = new Stops(options, {
      workforce: this.#workforce,
      drain_delay: () => this.#reloads.current.config.settings.drain_delay,
      announce: () => this.hooks.run('on_stopping', this.#view),
    })
    this.#target = options.first.workers
    this.#upkeep = new Upkeep(options, () => options.steps.renew(), options.clock.now())
    this.#view = createServerView(options, {
      target: () => this.#target,
      generation: () => this.#reloads.current,
      workers: () => this.#workforce.roster.all(),
      slots: this.#slots,
    })
  }

  get view(): ServerView {
    return this.#view
  }

  /** Every worker that may have a process, oldest first. */
  get records(): readonly WorkerRecord[] {
    return this.#workforce.roster.all()
  }

  /** The hooks in force. */
  get hooks(): Generation['hooks'] {
    return this.#reloads.current.hooks
  }

  /** Where the server listens, by the generation that is wanted. */
  get listeners(): Generation['listeners'] {
    return this.#reloads.current.listeners
  }

  /** Every pipe of every worker is at its end. */
  outputEnded(): Promise<void> {
    return this.#workforce.outputEnded()
  }

  /** Serves until it is told to stop or the start fails. Answers the exit code. */
  async run(): Promise<number> {
    this.#act()
    while (!this.#isOver()) {
      const command = await this.#options.queue.take()
      this.#handle(command)
      this.#act()
    }
    this.#tick?.cancel()
    return this.#exitCode
  }

  #isOver(): boolean {
    return this.#stops.isOrdered && this.#workforce.roster.all().length === 0
  }

  #act(): void {
    const now = this.#options.clock.now()
    this.#upkeep.tick(now) // here, because the command `tick` never comes while other commands keep coming
    this.#forgiveOwnLateness(now)
    this.#stops.orderIfDue(now)
    if (!this.#stops.isOn) this.#reloads.noticeHung(this.#workforce.roster.all())
    const trial = this.#reloads.trialOf(this.#workforce.roster.all())
    for (const action of plan(this.#situation(now)))
      this.#workforce.perform(action, this.#reloads.current, this.#view, trial)
    this.#noticeProgress(now)
    this.#slots.noticeRecovery(this.#workforce.roster.all(), now, this.#options.report)
    this.#tick?.cancel()
    const moments = [nextMoment(this.#situation(now)) ?? Infinity, this.#stops.orderAt, now + longestTick]
    const next = Math.max(now, Math.min(...moments))
    this.#punctuality.expect(next)
    this.#tick = this.#options.clock.after(next - now, () => this.#options.queue.put({ type: 'tick' }))
  }

  #noticeProgress(now: number): void {
    if (this.#stops.isOn) return
    const workers = this.#workforce.roster.all()
    if (this.#starting && this.#reloads.isComplete(workers)) this.#started()
    this.#reloads.noticeEnd(workers, now)
    this.#changes.noticeEnd(workers, now)
    if (!this.#starting) this.#reloads.loadRemembered()
    this.#reloads.discardUnused((generation) => this.#workforce.uses(generation))
  }

  #situation(now: number): Situation {
    const { current } = this.#reloads
    return {
      workers: this.#workforce.roster.all(),
      target: this.#target,
      generation: current.number,
      slots: this.#slots.histories,
      timeout: current.config.settings.timeout * 1000,
      stopping: this.#stops.isOn || this.#changes.holds,
      now,
    }
  }

  /** If this process was stopped or blocked, the beats of its workers are still in the pipes. */
  #forgiveOwnLateness(now: number): void {
    const late = this.#punctuality.look(now)
    if (late === 0) return
    if (late >= worthTelling) this.#options.report({ type: 'late', by: late })
    this.#workforce.roster.forgive(late, now)
  }

  #handle(command: ArbiterCommand): void {
    switch (command.type) {
      case 'signal':
        return this.#onSignal(command.signal)
      case 'order':
        return void this.#obey(command.order).then(command.told) // never rejects
      case 'start':
        return this.#workforce.start(command.age, this.#slots)
      case 'message':
        return this.#onMessage(command.age, command.message)
      case 'disconnected':
        return this.#workforce.disconnected(command.age)
      case 'end':
        return this.#onEnd(command.age, command.end)
      case 'loaded':
        return this.#onLoaded(command.generation)
      case 'load_failed':
        return this.#changes.loadFailed(command.reason) ? undefined : this.#reloads.loadFailed(command.reason)
      case 'files_changing':
        return !this.#stops.isOn ? this.#changes.begin() : undefined
      case 'files_changed':
        return !this.#stops.isOn ? this.#changes.load(command.files) : undefined
      case 'upgrade':
        return this.#options.upgrade.heed(command.note)
      case 'stop_workers':
        return this.#stops.announced()
      case 'tick':
        return // only to act
    }
  }

  #onSignal(signal: ArbiterSignal): void {
    const { daemon } = this.#reloads.current.config.settings
    const order = orderOf(signal, { stopping: this.#stops.isOn, target: this.#target, daemon })
    if (order.type === 'nothing') return
    const why = order.type === 'ignore' ? order.why : refusal(order, this.#orderSituation())
    if (order.type === 'ignore' || why !== undefined)
      return this.#options.report({ type: 'signal_ignored', signal, why: why ?? '' })
    this.#options.report({ type: 'signal', signal })
    void this.#obey(order)
  }

  /** Takes the order, or refuses it, at once; what takes time goes on by itself. Never rejects. */
  #obey(order: Order): Promise<Answer> {
    const why = refusal(order, this.#orderSituation())
    if (why !== undefined) return Promise.resolve({ taken: false, why })
    if (order.type === 'reopen') return reopenLogs(this.#options)
    if (order.type === 'rotate') return rotateLogs(this.#options, order.log)
    if (order.type === 'reload')
      return Promise.resolve({ taken: true, attempt: this.#reloads.request(this.#starting) })
    if (order.type === 'stop') this.#stops.request(order.mode)
    if (order.type === 'scale') this.#scale(order.to)
    if (order.type === 'upgrade')
      this.#options.upgrade.begin(this.#reloads.current, this.hooks.run('pre_exec', this.#view))
    return Promise.resolve(taken)
  }

  #orderSituation(): OrderSituation {
    const noUpgrade = this.#starting
      ? 'the start is not over'
      : (this.#reloads.noUpgrade ?? this.#options.upgrade.refusal)
    return { stopping: this.#stops.isOn, noUpgrade }
  }

  #scale(target: number): void {
    const from = this.#target
    if (from === target) return
    this.#target = target
    this.#options.report({ type: 'scaled', from, to: target })
    void this.hooks.run('nworkers_changed', this.#view, target, from)
  }

  #onMessage(age: number, message: WorkerMessage): void {
    const worker = this.#workforce.roster.get(age)
    if (worker === undefined) return
    if (message.type === 'beat') this.#workforce.heed(worker, message)
    if (message.type === 'cut')
      this.#options.report({ type: 'worker_cut', worker, requests: message.requests })
    if (message.type === 'dropped') this.#options.logs.countLost(message.log, message.lines)
    if (message.type === 'broken') this.#changes.tellBroken(worker, message.error)
    if (message.type === 'loaded_files') this.#changes.saw(worker, message.files)
    if (message.type === 'boot_failed') return this.#onBootFailed(worker, message)
    this.#workforce.hear(worker, message)
  }

  #started(): void {
    this.#starting = false
    this.#options.report({ type: 'workers_ready', count: this.#target })
    void this.hooks.run('workers_ready', this.#view)
    this.#options.onReady()
  }

  /** When several workers of a start fail for one reason, the reason is told once. */
  #onBootFailed(
    worker: WorkerRecord,
    { failure, error }: Extract<WorkerMessage, { type: 'boot_failed' }>,
  ): void {
    this.#workforce.roster.note(worker.age, { bootError: error.message })
    const quiet = this.#slots.isLooping(worker.nr)
    if (this.#startFailure === undefined)
      this.#options.report({ type: 'worker_failed', worker, error, quiet })
    if (wasOrdered(worker)) return
    if (this.#starting)
      this.#failStart(error.message, failure === 'app' ? exitCodes.appFailed.code : exitCodes.bootFailed.code)
    else this.#failReload(worker, error.message)
  }

  #failStart(reason: string, code: number): void {
    if (this.#stops.isOn) return
    this.#startFailure = reason
    this.#exitCode = code
    this.#options.report({ type: 'start_failed', reason, code })
    this.#stops.atOnce()
  }

  #onEnd(age: number, end: ProcessEnd): void {
    const worker = this.#workforce.bury(age)
    if (worker === undefined) return
    const ordered = wasOrdered(worker)
    const now = this.#options.clock.now()
    const { wait, ...failure } = this.#slots.ended(worker, end, now)
    const retryIn = this.#stops.isOn || this.#starting ? 0 : wait
    const told = { worker, end, lived: now - worker.spawnedAt, retryIn, ...failure }
    if (this.#startFailure === undefined || !ordered) this.#options.report({ type: 'worker_ended', ...told })
    if (worker.pid !== null) void this.hooks.run('child_exit', this.#view, viewOf(worker, end))
    if (worker.readyAt === null && !ordered) this.#onFailedBoot(worker, end)
    else if (diedOnTrial(worker, end, now)) this.#failReload(worker, whyOnTrial(worker, end))
  }

  /** A worker ended before it was ready, and nobody told it to. */
  #onFailedBoot(worker: WorkerRecord, end: ProcessEnd): void {
    // A `pkill` or a Ctrl-C that reached it before it listened to signals says nothing about the app.
    if (end.signal !== null && isMasterSignal(end.signal)) return
    if (!this.#stops.isOn && this.#changes.failedBoot(worker, end)) return
    const reason = whyNotReady(worker, end)
    if (this.#starting) this.#failStart(reason, exitCodes.bootFailed.code)
    else this.#failReload(worker, reason)
  }

  #onLoaded(generation: Generation): void {
    if (!this.#stops.isOn && !this.#changes.loaded(generation)) this.#reloads.adopt(generation)
  }

  #failReload(worker: WorkerRecord, reason: string): void {
    if (!this.#stops.isOn) this.#reloads.fail(worker, reason)
  }
}
