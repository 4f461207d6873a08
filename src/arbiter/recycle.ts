// Runs in the arbiter: the part of `plan` that replaces workers which are due (max_requests, max_memory, a full heap), without a dip: the
// new one of a slot is ready before the old one goes. One at a time in the whole server: no second one begins before the first has
// exited. A reload, a new number of workers and empty slots come first. Pure.

import type { Action, Situation } from './plan.ts'
import { freshSlot } from './backoff.ts'
import { dueReasons } from './worker-limits.ts'
import type { WorkerRecord } from './worker-record.ts'

/** Two workers of one slot and one generation: the younger one stays if it is ready. A reload does not wait for it if it is not. */
export function relieve({ generation, target }: Situation, holders: readonly WorkerRecord[]): Action[] {
  const isReady = (nr: number, of: (worker: WorkerRecord) => boolean): boolean =>
    holders.some((worker) => worker.nr === nr && worker.state === 'ready' && of(worker))
  return holders.flatMap<Action>(({ nr, age, generation: own, state, due }) => {
    const isOutdated = own !== generation
    if (nr >= target || (isOutdated && isReady(nr, (other) => other.generation === generation))) return [] // it goes anyway
    if (state === 'ready') {
      const isRelieved = isReady(nr, (other) => other.generation === own && other.age > age)
      return isRelieved ? [{ type: 'retire', age, reason: due?.reason ?? 'retired' }] : []
    }
    const isSpare = isOutdated && isReady(nr, (other) => other.generation === own)
    return isSpare ? [{ type: 'retire', age, reason: 'reload' }] : []
  })
}

/** Starts a worker beside the one that has been due for longest, if nothing else goes on. */
export function recycle({ workers, slots, target, generation, now }: Situation, holders: readonly WorkerRecord[]): Action[] {
  const isQuiet = holders.every((worker) => worker.state === 'ready' && worker.generation === generation && worker.nr < target)
  if (!isQuiet || workers.some(isLeaving)) return []
  const [first] = holders
    .flatMap(({ nr, age, due }) => (due === null ? [] : [{ nr, age, since: due.since }]))
    .filter(({ nr }) => (slots.get(nr) ?? freshSlot).notBefore <= now)
    .sort((one, other) => one.since - other.since || one.age - other.age)
  return first === undefined ? [] : [{ type: 'spawn', nr: first.nr }]
}

/** It was recycled, or ends by force: its process may still be there. */
function isLeaving({ reason, state }: WorkerRecord): boolean {
  return state === 'aborting' || state === 'killed' || dueReasons.some((each) => each === reason)
}
