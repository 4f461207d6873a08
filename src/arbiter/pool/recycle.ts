// Runs in the arbiter: the part of `plan` that replaces workers which are due (max_requests, max_memory, a
// full heap), without a dip: the new worker of a slot is ready before the old one is retired. One at a time
// in the whole pool: no second one begins before the first has exited. A reload, a new number of workers and
// empty slots come first. Pure.

import { dueReasons } from '../model/limits.ts'
import type { Action, Situation } from '../model/situation.ts'
import type { WorkerRecord } from '../model/worker-record.ts'
import { mayStart } from './backoff.ts'

/**
 * Several workers in one slot. Where the wanted generation serves, `slotActions` retires the outdated ones.
 */
export function relieve({ generation, target }: Situation, holders: readonly WorkerRecord[]): Action[] {
  const slots = new Set(holders.map(({ nr }) => nr).filter((nr) => nr < target))
  return [...slots].flatMap((nr) => {
    const all = holders.filter((worker) => worker.nr === nr)
    const serving = all.filter((worker) => worker.generation === generation && worker.state === 'ready')
    if (serving.length > 0) return withoutYoungest(serving).map(retireRelieved)
    // A reload does not wait for a worker that still boots, if the slot has another one.
    const outdated = all.filter((worker) => worker.generation !== generation)
    const ready = outdated.filter(({ state }) => state === 'ready')
    const booting = outdated.filter(({ state }) => state !== 'ready').slice(ready.length > 0 ? 0 : 1)
    return [...withoutYoungest(ready).map(retireRelieved), ...booting.map(retireOutdated)]
  })
}

/** All but the youngest; workers are in the order of their age. */
function withoutYoungest(workers: readonly WorkerRecord[]): readonly WorkerRecord[] {
  return workers.slice(0, -1)
}

function retireRelieved({ age, due }: Pick<WorkerRecord, 'age' | 'due'>): Action {
  return { type: 'retire', age, reason: due?.reason ?? 'retired' }
}

/** It is of another generation than the wanted one. */
export function retireOutdated({ age }: WorkerRecord): Action {
  return { type: 'retire', age, reason: 'reload' }
}

/** Starts a worker beside the one that has been due for longest, if nothing else is in progress. */
export function recycle(
  { workers, slots, target, generation, stopsFirst, now }: Situation,
  holders: readonly WorkerRecord[],
): Action[] {
  const isQuiet = holders.every(
    (worker) => worker.state === 'ready' && worker.generation === generation && worker.nr < target,
  )
  if (!isQuiet || workers.some(isLeaving)) return []
  const [first] = holders
    .flatMap(({ nr, age, due }) => (due === null ? [] : [{ nr, age, due, since: due.since }]))
    .filter(({ nr }) => mayStart(slots, nr, now))
    .sort((one, other) => one.since - other.since || one.age - other.age)
  if (first === undefined) return []
  return stopsFirst ? [retireRelieved(first)] : [{ type: 'spawn', nr: first.nr }]
}

/** It was recycled, or is ended by force: its process may still exist. */
function isLeaving({ reason, state }: WorkerRecord): boolean {
  return state === 'aborting' || state === 'killed' || dueReasons.some((each) => each === reason)
}
