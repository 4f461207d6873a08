// Runs in the arbiter: what is to be done now, decided from what is known and nothing else. No I/O, no clock,
// no state: every rule about too few, too many, stuck, late and outdated workers is here, and each has its
// unit tests.

import { mayStart, type SlotHistory } from './backoff.ts'
import { recycle, relieve, retireOutdated } from './recycle.ts'
import type { ExitReason, WorkerRecord } from '../model/worker-record.ts'
import { holdsSlot } from '../model/worker-state.ts'

export type Action =
  | { readonly type: 'spawn'; readonly nr: number }
  | { readonly type: 'retire'; readonly age: number; readonly reason: ExitReason }
  | { readonly type: 'abort'; readonly age: number }
  | { readonly type: 'kill'; readonly age: number }

export interface Situation {
  readonly workers: readonly WorkerRecord[]
  /** How many workers there should be: slots 0 to target - 1. */
  readonly target: number
  /** The generation that every slot should have. */
  readonly generation: number
  readonly slots: ReadonlyMap<number, SlotHistory>
  /** Milliseconds that an event loop may be silent; 0 is no limit. */
  readonly timeout: number
  /** When stopping, nobody is started or replaced: only deadlines count. */
  readonly stopping: boolean
  readonly now: number
}

export function plan(situation: Situation): Action[] {
  const forced = [...overdue(situation), ...stalled(situation)]
  if (situation.stopping) return forced
  const gone = new Set(forced.map((action) => ('age' in action ? action.age : -1)))
  const holders = situation.workers.filter(({ state, age }) => holdsSlot(state) && !gone.has(age))
  const urgent = [
    ...forced,
    ...surplus(situation, holders),
    ...slotActions(situation, holders),
    ...relieve(situation, holders),
  ]
  return urgent.length > 0 ? urgent : recycle(situation, holders)
}

/**
 * When `plan` may answer something new although nothing has happened; undefined when only an event can change
 * anything.
 */
export function nextMoment({
  workers,
  target,
  slots,
  timeout,
  stopping,
  now,
}: Situation): number | undefined {
  const moments = workers.flatMap(({ deadline, state, lastBeat, debugged }) => {
    return [
      ...(deadline === null ? [] : [deadline]),
      ...(state === 'ready' && timeout > 0 && !debugged ? [lastBeat + timeout] : []),
    ]
  })
  if (!stopping)
    moments.push(
      ...[...slots]
        .filter(([nr, { notBefore }]) => nr < target && notBefore > now)
        .map(([, { notBefore }]) => notBefore),
    )
  return moments.length > 0 ? Math.min(...moments) : undefined
}

function overdue({ workers, now }: Situation): Action[] {
  return workers
    .filter(({ deadline }) => deadline !== null && deadline <= now)
    .map(({ age }) => ({ type: 'kill', age }))
}

function stalled({ workers, timeout, now }: Situation): Action[] {
  if (timeout === 0) return []
  return workers
    .filter(({ state, lastBeat, debugged }) => state === 'ready' && !debugged && now - lastBeat >= timeout)
    .map(({ age }) => ({ type: 'abort', age }))
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
  let replacing = holders.some(
    ({ nr, state, generation }) =>
      generation === situation.generation &&
      state !== 'ready' &&
      outdatedIn(holders, nr, generation).length > 0,
  )
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
      actions.push({ type: 'spawn', nr })
    }
  }
  return actions
}

/**
 * The empty slots that get a worker now. Where the outdated ones are all beyond the target, none of them
 * makes place for the canary.
 */
function openSlots(situation: Situation, holders: readonly WorkerRecord[]): readonly number[] {
  const slots = Array.from({ length: situation.target }, (_, nr) => nr)
  const empty = slots.filter(
    (nr) => holders.every((worker) => worker.nr !== nr) && mayStart(situation.slots, nr, situation.now),
  )
  if (!isUntried(situation, holders)) return empty
  const isWithoutPlace = holders.every(
    ({ nr, generation }) => generation !== situation.generation && nr >= situation.target,
  )
  return isWithoutPlace ? empty.slice(0, 1) : []
}

/**
 * While no worker of a new generation has shown that it boots, only its canary is started: also an empty slot
 * waits for it.
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
