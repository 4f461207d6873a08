// Runs in the arbiter: the roster together with the real processes behind it. It carries out what was
// decided; it decides nothing.

import type { ServerView, StuckReport, WorkerView } from '../../config/hooks/views.ts'
import type { LogFiles } from '../../logging/files/log-files.ts'
import type { Clock } from '../../os/system/clock.ts'
import { OomKillMonitor } from '../../os/limits/oom-kills.ts'
import { memoryLimit } from '../../os/limits/memory-limit.ts'
import type { ListenSockets } from '../../listen/listen-sockets.ts'
import type { Slots } from './backoff.ts'
import type { CommandQueue, ProcessEnd } from '../model/commands.ts'
import type { Report } from '../model/events.ts'
import type { Generation } from '../model/generation.ts'
import { orphanedPlaces } from './orphaned-places.ts'
import type { Action } from './plan.ts'
import type { WorkerMessage } from '../../ipc/messages.ts'
import { abortLimit, bootAllowance } from './stuck.ts'
import { Roster } from './roster.ts'
import { drawLimits, dueAfter, isBornTooLarge } from '../model/limits.ts'
import { newRecord, type ExitReason, type WorkerLoad, type WorkerRecord } from '../model/worker-record.ts'
import { WorkerProcess } from './worker-process.ts'
import { endedBy, exitReason } from '../model/verdict.ts'

export interface WorkforceOptions {
  readonly queue: CommandQueue
  readonly clock: Clock
  readonly report: Report
  readonly logs: LogFiles
  readonly listeners: Pick<ListenSockets, 'areShared' | 'closeAll' | 'hold'>
  readonly version: string
}

/**
 * Milliseconds that a worker has after it was told to exit at once, as gunicorn gives after a second signal.
 */
const quickLimit = 2000
/** Milliseconds that requests in flight have when a file has changed (`reload`). */
const changeLimit = 1000
/**
 * Milliseconds beyond `graceful_timeout` for a worker's last words: `shutdown()`, worker_exit, its last log
 * lines.
 */
const farewell = 2000

export class Workforce {
  readonly roster = new Roster()
  readonly #options: WorkforceOptions
  readonly #processes = new Map<number, WorkerProcess>()
  readonly #generations = new Map<number, Generation>()
  readonly #outputs = new Set<Promise<unknown>>()
  readonly #oom = new OomKillMonitor()
  #spawned = 0

  constructor(options: WorkforceOptions) {
    this.#options = options
  }

  /** Carries out what `plan` has decided. A worker that it starts is on trial for so many milliseconds. */
  perform(action: Action, generation: Generation, server: ServerView, trial = 0): void {
    if (action.type === 'spawn') this.spawn({ nr: action.nr, trial }, generation, server)
    if (action.type === 'retire') this.retire(action.age, action.reason, generation)
    if (action.type === 'abort') this.abort(action.age)
    if (action.type === 'kill') this.kill(action.age)
  }

  /**
   * Claims the slot at once; the process starts when pre_fork is done. The deadline of the boot runs from
   * now.
   */
  spawn(place: Pick<WorkerRecord, 'nr' | 'trial'>, generation: Generation, server: ServerView): void {
    const { clock, queue } = this.#options
    const age = (this.#spawned += 1)
    const now = clock.now()
    const { settings } = generation.config
    const bootTime = settings.boot_timeout * 1000 + bootAllowance(settings) + place.trial
    const bootEnd = settings.boot_timeout > 0 ? now + bootTime : null
    const limits = drawLimits(settings, memoryLimit, Math.random)
    const record = newRecord({ ...place, age, generation: generation.number }, now, bootEnd, limits)
    this.roster.add(record)
    this.#generations.set(age, generation)
    void generation.hooks
      .run('pre_fork', server, viewOf(record))
      .then(() => queue.put({ type: 'start', age }))
  }

  /**
   * pre_fork is done. A worker that was called off meanwhile has ended without having been. A try of a crash
   * loop is started quietly.
   */
  start(age: number, slots: Pick<Slots, 'isLooping'>): void {
    const { report } = this.#options
    const generation = this.#generations.get(age)
    const record = this.roster.get(age)
    if (record?.state !== 'spawned' || generation === undefined) return
    const child = this.#createProcess(record, generation)
    this.#processes.set(age, child)
    this.#outputs.add(child.outputEnded)
    void child.outputEnded.then(() => this.#outputs.delete(child.outputEnded))
    this.roster.note(age, { pid: child.pid })
    const started = this.roster.get(age)
    if (started && child.pid !== null)
      report({ type: 'worker_started', worker: started, quiet: slots.isLooping(record.nr) })
  }

  /** A beat: its event loop turns, and this is what it does and holds. */
  heed(worker: WorkerRecord, load: WorkerLoad): void {
    const now = this.#options.clock.now()
    const isTooLarge = isBornTooLarge(worker, load)
    const limits = isTooLarge ? { ...worker.limits, memory: Infinity } : worker.limits
    if (isTooLarge) this.#options.report({ type: 'worker_too_large', worker, rss: load.rss })
    this.roster.note(worker.age, {
      lastBeat: now,
      load,
      limits,
      due: dueAfter({ ...worker, limits }, load, now),
    })
  }

  /** What a worker, or its watchdog, says of itself. */
  hear({ age, deadline }: WorkerRecord, message: WorkerMessage): void {
    if (message.type === 'hello') this.roster.apply(age, 'hello', { deadline })
    if (message.type === 'ready') this.#noteReady(age)
    if (message.type === 'shut') this.roster.note(age, { accepting: false })
    if (message.type === 'debugged') this.#noteDebugger(age, message.on)
    if (message.type === 'stuck') this.#noteStuck(age, message.report)
    if (message.type === 'spent') this.kill(age)
  }

  #noteReady(age: number): void {
    const now = this.#options.clock.now()
    const worker = this.roster.apply(age, 'ready', { readyAt: now, lastBeat: now, accepting: true })
    if (worker) this.#options.report({ type: 'worker_ready', worker, took: now - worker.spawnedAt })
  }

  /** Tells those that serve that the server is about to stop. */
  unready(): void {
    for (const { age, state } of this.roster.all())
      if (state === 'ready') this.#processes.get(age)?.send({ type: 'unready' })
  }

  /** `wanted`: the generation that goes on, if one does. */
  retire(age: number, reason: ExitReason, wanted?: Generation): void {
    const generation = this.#generations.get(age)
    const record = this.roster.get(age)
    if (generation === undefined || record === undefined) return
    if (record.state !== 'ready') return this.quit(age, reason) // it has no request to finish
    const hurry = reason === 'change'
    const within = Math.min(
      generation.config.settings.graceful_timeout * 1000,
      hurry ? changeLimit : Infinity,
    )
    const retired = this.roster.apply(age, 'retire', {
      reason,
      deadline: this.#options.clock.now() + within + farewell,
    })
    if (retired === undefined) return
    this.#options.report({ type: 'worker_retired', worker: retired })
    this.#processes
      .get(age)
      ?.send({ type: 'retire', within, last: this.#isLast(generation, reason, wanted), reason, hurry })
  }

  /** Whether nobody accepts after this worker, at all or on some sockets. */
  #isLast(
    generation: Generation,
    reason: ExitReason,
    wanted: Generation | undefined,
  ): boolean | readonly number[] {
    if (wanted !== undefined) return this.#endOfListeners(generation, wanted)
    return reason === 'stop' && !this.#options.listeners.areShared
  }

  /**
   * The places of the sockets that nobody will accept on when a worker of the old generation has shut. From
   * now on nobody can connect there.
   */
  #endOfListeners({ listeners }: Generation, wanted: Generation): readonly number[] | false {
    const others = this.roster.holders().flatMap(({ age }) => this.#generations.get(age) ?? [])
    const places = orphanedPlaces(listeners, [wanted, ...others])
    this.#options.listeners.hold(places.flatMap((place) => listeners[place] ?? []))
    return places.length > 0 && places
  }

  /** Tells a worker to exit at once, also one that drains already. */
  quit(age: number, reason: ExitReason): void {
    const deadline = this.#options.clock.now() + quickLimit
    if (this.roster.apply(age, 'retire', { reason, deadline }) === undefined) {
      const record = this.roster.get(age)
      if (record?.state !== 'draining') return
      this.roster.note(age, { deadline: Math.min(record.deadline ?? deadline, deadline) })
    }
    const child = this.#processes.get(age)
    if (child) child.send({ type: 'quit', reason })
    else this.#endUnstarted(age)
  }

  /**
   * Its app has closed the channel, so that nobody can tell it anything. It drains by itself, and its slot is
   * free.
   */
  disconnected(age: number): void {
    const generation = this.#generations.get(age)
    if (generation === undefined) return
    const within = generation.config.settings.graceful_timeout * 1000
    const worker = this.roster.apply(age, 'retire', {
      reason: 'disconnected',
      deadline: this.#options.clock.now() + within + farewell,
      accepting: false,
    })
    if (worker) this.#options.report({ type: 'worker_disconnected', worker })
  }

  /** Ends those whose process does not exist yet, because their pre_fork is not done. */
  callOffUnstarted(): void {
    for (const { age, pid } of this.roster.all()) if (pid === null) this.quit(age, 'stop')
  }

  abort(age: number): void {
    const now = this.#options.clock.now()
    const silent = now - (this.roster.get(age)?.lastBeat ?? now)
    const limit = abortLimit(this.#generations.get(age)?.config.settings)
    const worker = this.roster.apply(age, 'stalled', { reason: 'timeout', deadline: now + limit })
    if (worker === undefined) return
    this.#options.report({ type: 'worker_stalled', worker, silent })
    this.#processes.get(age)?.send({ type: 'abort' })
  }

  /** Its watchdog has found it stuck, perhaps a moment before the arbiter does. */
  #noteStuck(age: number, report: StuckReport): void {
    this.abort(age) // nothing, unless it served
    this.roster.note(age, { report })
    const worker = this.roster.get(age)
    if (worker) this.#options.report({ type: 'worker_stuck', worker, report })
  }

  /** Whoever debugs a worker stops it, also while it boots. */
  #noteDebugger(age: number, on: boolean): void {
    const record = this.roster.get(age)
    if (record === undefined) return
    const boots = record.state === 'spawned' || record.state === 'booting'
    this.roster.note(age, {
      debugged: on,
      lastBeat: this.#options.clock.now(),
      deadline: on && boots ? null : record.deadline,
    })
    if (on) this.#options.report({ type: 'worker_debugged', worker: record })
  }

  kill(age: number): void {
    const record = this.roster.get(age)
    const late = record?.state === 'spawned' || record?.state === 'booting'
    const worker = this.roster.apply(age, 'deadline', {
      killed: true,
      ...(late ? { reason: 'boot_timeout' } : {}),
    })
    if (worker === undefined) return
    this.#options.report({ type: 'worker_killed', worker })
    const child = this.#processes.get(age)
    if (child) child.kill()
    else this.#endUnstarted(age)
  }

  /** Its pre_fork is not done: there is no process whose end could be waited for. */
  #endUnstarted(age: number): void {
    this.#options.queue.put({ type: 'end', age, end: { code: 0, signal: null } })
  }

  /** The process is gone. Answers its last record. */
  bury(age: number): WorkerRecord | undefined {
    this.#processes.delete(age)
    this.#generations.delete(age)
    return this.roster.apply(age, 'exit')
  }

  /** Whether a worker of this generation may still have a process. */
  uses(generation: Generation): boolean {
    return [...this.#generations.values()].includes(generation)
  }

  /** Fulfils when every pipe of every worker is at its end. */
  async outputEnded(): Promise<void> {
    await Promise.all(this.#outputs)
  }

  /** The kernel says nothing to the parent of a process that it kills for want of memory: its count does. */
  #withWitness(end: ProcessEnd): ProcessEnd {
    return end.signal === 'SIGKILL' && this.#oom.hasKilled() ? { ...end, oom: true } : end
  }

  #createProcess(record: WorkerRecord, generation: Generation): WorkerProcess {
    const { nr, age, trial, generation: number } = record
    const { queue, logs, version, report } = this.#options
    const { settings, durations, codeFile, hookFiles, appFile, identity, directory } = generation.config
    return new WorkerProcess({
      boot: {
        nr,
        age,
        generation: number,
        version,
        settings,
        durations,
        identity,
        hookFiles,
        appFile,
        trial,
        configFile: codeFile,
        codeStore: generation.codeStore,
        color: { error: logs.isTerminal('error'), app: logs.isTerminal('app') },
        bootWithin:
          record.deadline === null
            ? null
            : Math.max(0, record.deadline - bootAllowance(settings) - this.#options.clock.now()),
        checkOnly: false,
        broken: generation.broken,
      },
      directory,
      listeners: generation.listeners,
      logs,
      onMessage: (message) => queue.put({ type: 'message', age, message }),
      onChannelClosed: () => queue.put({ type: 'disconnected', age }),
      onUnknownMessage: () => report({ type: 'unknown_message', worker: this.roster.get(age) ?? record }),
      onGarbage: (bytes) => report({ type: 'log_garbage', worker: this.roster.get(age) ?? record, bytes }),
      onEnd: (end: ProcessEnd) => queue.put({ type: 'end', age, end: this.#withWitness(end) }),
    })
  }
}

/** The worker as the master's hooks see it. */
export function viewOf(worker: WorkerRecord, end?: ProcessEnd): WorkerView {
  const { nr, age, generation, pid, state, load, report } = worker
  const { requests, busy, connections, overdue, rss } = load
  const view = { nr, age, generation, pid, state, requests, busy, connections, overdue, rss }
  if (end === undefined) return view
  const { code, signal, lastLines = [] } = end
  const reason = exitReason(worker, end)
  const told = report === null ? {} : { report }
  return {
    ...view,
    exit: { reason, code, signal, ended_by: endedBy(worker, end), stderr: lastLines, ...told },
  }
}
