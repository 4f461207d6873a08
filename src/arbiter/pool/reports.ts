// Runs in the arbiter: what a worker, or its watchdog thread, reports about itself.

import type { StuckReport } from '../../config/hooks/views.ts'
import type { WorkerMessage } from '../../ipc/messages.ts'
import { machineNow } from '../../os/system/clock.ts'
import type { WorkerLoad, WorkerRecord } from '../model/worker-record.ts'
import { CrowdedClients } from './crowded-clients.ts'
import type { Endings } from './endings.ts'
import { dueAfter, isBornTooLarge } from './limits.ts'
import type { PoolParts } from './pool-parts.ts'

export class WorkerReports {
  readonly #parts: PoolParts
  readonly #endings: Pick<Endings, 'abort' | 'disconnected' | 'done' | 'kill'>
  readonly #clients: CrowdedClients

  constructor(parts: PoolParts, endings: Pick<Endings, 'abort' | 'disconnected' | 'done' | 'kill'>) {
    this.#parts = parts
    this.#endings = endings
    this.#clients = new CrowdedClients(parts.members)
  }

  apply(worker: WorkerRecord, message: WorkerMessage): void {
    const {
      members: { roster },
      emit,
    } = this.#parts
    const { age, deadline } = worker
    if (message.type === 'hello') roster.apply(age, 'hello', { deadline })
    if (message.type === 'ready') this.#ready(age)
    if (message.type === 'beat') this.#beat(worker, message)
    if (message.type === 'leave') this.#leave(worker, 'self')
    if (message.type === 'threads_failed') this.#leave(worker, 'threads')
    if (message.type === 'thread_stuck' || message.type === 'thread_ended' || message.type === 'thread_ready')
      emit({ ...message, worker })
    if (message.type === 'left') roster.note(age, { left: { busy: message.busy } })
    if (message.type === 'clients') this.#clients.apply(age, message.changes)
    if (message.type === 'shut') roster.note(age, { accepting: false })
    if (message.type === 'done') this.#endings.done(age)
    if (message.type === 'running') roster.note(age, { running: true })
    if (message.type === 'lease') this.#lease(worker, message.until)
    if (message.type === 'debugged') this.#debugged(worker, message.on)
    if (message.type === 'stuck') this.#stuck(age, message.report)
    if (message.type === 'fault') roster.note(age, { fault: message.error })
    if (message.type === 'spent') this.#endings.kill(age)
    if (message.type === 'disconnected') this.#endings.disconnected(age)
  }

  /** Its process has ended. */
  ended(age: number): void {
    this.#clients.forget(age)
  }

  #ready(age: number): void {
    const { members, system, emit } = this.#parts
    const now = system.clock.now()
    const worker = members.roster.apply(age, 'ready', { readyAt: now, lastBeat: now, accepting: true })
    this.#clients.welcome(age)
    if (worker) emit({ type: 'worker_ready', worker, took: now - worker.spawnedAt })
  }

  /** Its event loop turns, and this is its load. */
  #beat(worker: WorkerRecord, load: WorkerLoad): void {
    const { members, system, emit } = this.#parts
    const now = system.clock.now()
    const isTooLarge = isBornTooLarge(worker, load)
    const limits = isTooLarge ? { ...worker.limits, memory: Infinity } : worker.limits
    if (isTooLarge) emit({ type: 'worker_too_large', worker, rss: load.rss })
    const due = dueAfter({ ...worker, limits }, load, now)
    members.roster.note(worker.age, { lastBeat: now, load, limits, due })
  }

  /** When its lock ends unless it is renewed. Its own watchdog is earlier, unless the process is stopped. */
  #lease({ age, state }: WorkerRecord, until: number | null): void {
    if (state !== 'ready') return
    const { members, system } = this.#parts
    const deadline = until === null ? null : system.clock.now() + until - machineNow()
    members.roster.note(age, { deadline })
  }

  /** It wants to be replaced: as for any other worker that is due, its replacement comes first. */
  #leave({ age, due }: WorkerRecord, reason: 'self' | 'threads'): void {
    const { members, system } = this.#parts
    members.roster.note(age, { due: due ?? { reason, since: system.clock.now() } })
  }

  /** Its watchdog has found it stuck, perhaps a moment before the arbiter does. */
  #stuck(age: number, report: StuckReport): void {
    const { members, emit } = this.#parts
    this.#endings.abort(age) // only has an effect if it served
    members.roster.note(age, { report })
    const worker = members.roster.get(age)
    if (worker) emit({ type: 'worker_stuck', worker, report })
  }

  /** A debugger may stop a worker at any time, also while it boots. */
  #debugged(worker: WorkerRecord, on: boolean): void {
    const { members, system, emit } = this.#parts
    const { age, state, deadline } = worker
    const boots = state === 'spawned' || state === 'booting'
    const lastBeat = system.clock.now()
    members.roster.note(age, { debugged: on, lastBeat, deadline: on && boots ? null : deadline })
    if (on) emit({ type: 'worker_debugged', worker })
  }
}
