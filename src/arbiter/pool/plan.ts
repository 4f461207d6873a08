// Runs in the arbiter: what to do now, decided from what is known and nothing else. No I/O, no clock, no
// state: every rule about too few, too many, stuck, late and outdated workers is here, and each has its unit
// tests.

import type { Action, Situation } from '../model/situation.ts'
import type { WorkerRecord } from '../model/worker-record.ts'
import { holdsSlot } from '../model/worker-state.ts'
import { mayStart } from './backoff.ts'
import { recycle, relieve, retireOutdated } from './recycle.ts'

/** What the time demands: the end of late and of stuck workers. */
export function forced(situation: Situation): Action[] {
  return [...overdue(situation), ...stalled(situation)]
}

export function plan(situation: Situation): Action[] {
  const demanded = forced(situation)
  if (situation.stopping || situation.workers.some((worker) => isHung(worker, situation.now))) return demanded
  const leaving = new Set(demanded.map((action) => ('age' in action ? action.age : -1)))
  const holders = situation.workers.filter(({ state, age }) => holdsSlot(state) && !leaving.has(age))
  const urgent = [
    ...demanded,
    ...surplus(situation, holders),
    ...slotActions(situation, holders),
    ...relieve(situation, holders),
  ]
  return urgent.length > 0 ? urgent : recycle(situation, holders)
}

/**
 * When `plan` may return something new although nothing has happened; undefined when only an event can change
 * anything.
 */
export function nextMoment({ workers, target, slots, stopping, now }: Situation): number | undefined {
  const moments = workers.flatMap((worker) => [worker.deadline ?? Infinity, silenceEndsAt(worker)])
  const delays = [...slots].filter(([nr, { notBefore }]) => nr < target && notBefore > now)
  if (!stopping) moments.push(...delays.map(([, { notBefore }]) => notBefore))
  const next = Math.min(...moments)
  return next === Infinity ? undefined : next
}

/** When its event loop has been silent for too long, by the `timeout` of its own generation. */
function silenceEndsAt({ state, lastBeat, limits, debugged }: WorkerRecord): number {
  return state === 'ready' && !debugged ? lastBeat + limits.silence : Infinity
}

/**
 * It boots for too long. Whether that ends a reload is decided before another worker is started: the next
 * one would hang too.
 */
function isHung({ state, deadline }: WorkerRecord, now: number): boolean {
  return (state === 'spawned' || state === 'booting') && isOverdue({ deadline }, now)
}

function isOverdue({ deadline }: Pick<WorkerRecord, 'deadline'>, now: number): boolean {
  return deadline !== null && deadline <= now
}

function overdue({ workers, now }: Situation): Action[] {
  return workers.filter((worker) => isOverdue(worker, now)).map(({ age }) => ({ type: 'kill', age }))
}

function stalled({ workers, now }: Situation): Action[] {
  return workers.filter((worker) => silenceEndsAt(worker) <= now).map(({ age }) => ({ type: 'abort', age }))
}

function surplus(situation: Situation, holders: readonly WorkerRecord[]): Action[] {
  const { target } = situation
  if (target > 0 && isUntried(situation, holders)) return []
  return holders.filter(({ nr }) => nr >= target).map(({ age }) => ({ type: 'retire', age, reason: 'scale' }))
}

/**
 * Each slot moves towards one ready worker of the wanted generation. Outdated ones are replaced one at a
 * time, new before old.
 */
function slotActions(situation: Situation, holders: readonly WorkerRecord[]): Action[] {
  const actions: Action[] = []
  let replacing = isReplacing(situation, holders)
  const open = openSlots(situation, holders)
  for (let nr = 0; nr < situation.target; nr += 1) {
    const outdated = outdatedIn(holders, nr, situation.generation)
    const current = holders.filter((worker) => worker.nr === nr && worker.generation === situation.generation)
    if (current.length > 0) {
      if (current.some(({ state }) => state === 'ready')) actions.push(...outdated.map(retireOutdated))
    } else if (outdated.length === 0) {
      if (open.includes(nr)) actions.push({ type: 'spawn', nr })
    } else if (!replacing && mayStart(situation.slots, nr, situation.now)) {
      replacing = true
      if (situation.stopsFirst) actions.push(...outdated.map(retireOutdated))
      else actions.push({ type: 'spawn', nr })
    }
  }
  return actions
}

/** Whether the replacement of an outdated worker has begun, and its slot does not serve yet. */
function isReplacing(
  { stopsFirst, target, generation }: Situation,
  holders: readonly WorkerRecord[],
): boolean {
  const isComing = (worker: WorkerRecord): boolean =>
    worker.generation === generation && worker.state !== 'ready'
  if (!stopsFirst)
    return holders.some((worker) => isComing(worker) && outdatedIn(holders, worker.nr, generation).length > 0)
  // Its old one ends, or has ended.
  const isEmpty = (nr: number): boolean => holders.every((worker) => worker.nr !== nr)
  return holders.some(isComing) || Array.from({ length: target }, (_, nr) => nr).some(isEmpty)
}

/**
 * The empty slots that get a worker now. If all outdated workers are beyond the target, none of them makes
 * room for the worker on trial, so it gets an empty slot; so it does where the old one has stopped first.
 */
function openSlots(situation: Situation, holders: readonly WorkerRecord[]): readonly number[] {
  const slots = Array.from({ length: situation.target }, (_, nr) => nr)
  const taken = situation.stopsFirst ? situation.workers : holders // also by one that is ending
  const empty = slots.filter(
    (nr) => taken.every((worker) => worker.nr !== nr) && mayStart(situation.slots, nr, situation.now),
  )
  if (!isUntried(situation, holders)) return empty
  const hasNoRoom = holders.every(
    ({ nr, generation }) => generation !== situation.generation && nr >= situation.target,
  )
  return hasNoRoom || situation.stopsFirst ? empty.slice(0, 1) : []
}

/**
 * While no worker of a new generation has become ready, only one is started, on trial: an empty slot waits
 * for it too.
 */
function isUntried({ generation }: Situation, holders: readonly WorkerRecord[]): boolean {
  const proven = holders.some((worker) => worker.generation === generation && worker.state === 'ready')
  return !proven && holders.some((worker) => worker.generation !== generation)
}

function outdatedIn(
  holders: readonly WorkerRecord[],
  nr: number,
  generation: number,
): readonly WorkerRecord[] {
  return holders.filter((worker) => worker.nr === nr && worker.generation !== generation)
}
