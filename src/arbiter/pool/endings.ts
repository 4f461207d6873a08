// Runs in the arbiter: the ways in which it ends a worker. Each sets the deadline of the end before it sends
// the order, and never shortens what a harder one has begun.

import type { Generation } from '../model/generation.ts'
import { keepsSlot, socketsOfSlot } from '../model/sockets.ts'
import type { ExitReason, WorkerRecord } from '../model/worker-record.ts'
import type { Listener } from '../../listen/listener.ts'
import type { PoolParts } from './pool-parts.ts'
import { abortLimit } from './stuck.ts'

/**
 * Milliseconds that a worker has after the order to exit at once, as gunicorn gives after a second signal.
 */
const quickLimit = 2000
/** Milliseconds that requests in flight have when a file has changed (`reload`). */
const changeLimit = 1000
/** Milliseconds beyond `graceful_timeout` for `shutdown()`, worker_exit and the last log lines. */
const exitGrace = 2000

/** What the server continues with. */
interface Wanted {
  readonly generation: Generation
  readonly target: number
}

export class Endings {
  readonly #parts: PoolParts

  constructor(parts: PoolParts) {
    this.#parts = parts
  }

  /** Graceful. `wanted`: what continues, if anything does. */
  retire(age: number, reason: ExitReason, wanted?: Wanted): void {
    const { members, system, emit } = this.#parts
    const generation = members.generationOf(age)
    const record = members.roster.get(age)
    if (generation === undefined || record === undefined) return
    if (record.state === 'draining') return // with its own deadline
    if (record.state !== 'ready') return this.quit(age, reason) // it has no request to finish
    const hurry = reason === 'change'
    const { graceful_timeout } = generation.config.durations
    const within = Math.min(graceful_timeout, hurry ? changeLimit : Infinity)
    const deadline = system.clock.now() + within + exitGrace
    const retired = members.roster.apply(age, 'retire', { reason, deadline })
    if (retired === undefined) return
    emit({ type: 'worker_retired', worker: retired })
    const last = this.#isLast(retired, generation, wanted)
    members.processOf(age)?.send({ type: 'retire', within, last, reason, hurry })
  }

  /** Ends a worker at once, also one that drains already. */
  quit(age: number, reason: ExitReason): void {
    const { roster } = this.#parts.members
    const deadline = this.#parts.system.clock.now() + quickLimit
    if (roster.apply(age, 'retire', { reason, deadline }) === undefined) {
      const record = roster.get(age)
      if (record?.state !== 'draining') return
      roster.note(age, { deadline: Math.min(record.deadline ?? deadline, deadline) })
    }
    const child = this.#parts.members.processOf(age)
    if (child) child.send({ type: 'quit', reason })
    else this.#endUnstarted(age)
  }

  /** A run of a schedule has done its work, and exits. */
  done(age: number): void {
    const { members, system } = this.#parts
    const { graceful_timeout = 0 } = members.generationOf(age)?.config.durations ?? {}
    const deadline = system.clock.now() + graceful_timeout + exitGrace
    members.roster.apply(age, 'retire', { reason: 'done', deadline, accepting: false })
  }

  /** Its app has closed the channel: it takes no more orders. It drains by itself, and its slot is free. */
  disconnected(age: number): void {
    const { members, system, emit } = this.#parts
    const generation = members.generationOf(age)
    if (generation === undefined) return
    const deadline = system.clock.now() + generation.config.durations.graceful_timeout + exitGrace
    const changes = { reason: 'disconnected', deadline, accepting: false } as const
    const worker = members.roster.apply(age, 'retire', changes)
    if (worker) emit({ type: 'worker_disconnected', worker })
  }

  /** Its event loop is silent for longer than `timeout`. */
  abort(age: number): void {
    const { members, system, emit } = this.#parts
    const generation = members.generationOf(age)
    if (generation === undefined) return
    const now = system.clock.now()
    const silent = now - (members.roster.get(age)?.lastBeat ?? now)
    const deadline = now + abortLimit(generation.config.settings)
    const worker = members.roster.apply(age, 'stalled', { reason: 'timeout', deadline })
    if (worker === undefined) return
    emit({ type: 'worker_aborted', worker, silent })
    members.processOf(age)?.send({ type: 'abort' })
  }

  /** Its deadline has passed. */
  kill(age: number): void {
    const { members, emit } = this.#parts
    const state = members.roster.get(age)?.state
    const isLate = state === 'spawned' || state === 'booting'
    const changes = isLate ? ({ killed: true, reason: 'boot_timeout' } as const) : { killed: true }
    const worker = members.roster.apply(age, 'deadline', changes)
    if (worker === undefined) return
    emit({ type: 'worker_killed', worker })
    const child = members.processOf(age)
    if (child) child.kill()
    else this.#endUnstarted(age)
  }

  /** Cancels the workers whose process does not exist yet, because their pre_fork is not done. */
  cancelUnstarted(): void {
    for (const { age, pid } of this.#parts.members.roster.all()) if (pid === null) this.quit(age, 'stop')
  }

  /** There is no process whose end could be waited for. */
  #endUnstarted(age: number): void {
    this.#parts.commands.put({ type: 'end', age, end: { code: 0, signal: null } })
  }

  /** Whether no worker accepts after this one, at all or on some sockets (by their places). */
  #isLast(
    worker: WorkerRecord,
    generation: Generation,
    wanted: Wanted | undefined,
  ): boolean | readonly number[] {
    if (wanted !== undefined) return this.#abandonedSockets(worker, generation, wanted)
    if (worker.reason !== 'stop') return false
    if (!this.#parts.listeners.areShared) return true
    // A new master begins with the workers of the config: it has none for a slot that was added since.
    const shared = generation.listeners.length
    const added = worker.nr < generation.workers ? [] : generation.slots.of(worker.nr)
    return added.length > 0 && added.map((_, index) => shared + index)
  }

  /**
   * The places of the sockets that no worker accepts on once this worker has shut its gate. From now on no
   * client can connect there.
   */
  #abandonedSockets(
    { nr }: WorkerRecord,
    generation: Generation,
    { generation: next, target }: Wanted,
  ): readonly number[] | false {
    const { members, listeners } = this.#parts
    const others = members.roster
      .holders()
      .flatMap((holder) => socketsOfHolder(holder, members.generationOf(holder.age)))
    const wanted = next.slots.all((slot) => keepsSlot(slot, target))
    const used = new Set([...next.listeners, ...wanted, ...others])
    const own = socketsOfSlot(generation, nr)
    const places = own.flatMap((listener, place) => (used.has(listener) ? [] : [place]))
    listeners.hold(places.flatMap((place) => own[place] ?? []))
    return places.length > 0 && places
  }
}

function socketsOfHolder({ nr }: WorkerRecord, generation: Generation | undefined): readonly Listener[] {
  return generation ? socketsOfSlot(generation, nr) : []
}
