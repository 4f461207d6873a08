// Runs in the arbiter: when a critical service cannot be kept alive. Either its processes fail in a row
// without ever serving for a while, or they serve and die again and again.

import type { Death, Pool } from '../pool/pool.ts'

/** Failures in a row of one slot: about four seconds. */
const mostInRow = 5
/** Deaths of all its processes within this many milliseconds. */
const [mostDeaths, span] = [10, 60_000]

export interface Loss {
  readonly failures: number
  /** Whether they were in a row; else they were within a minute. */
  readonly inRow: boolean
}

export class CriticalServices {
  /** When the processes of each have died, in monotonic milliseconds; the last ones only. */
  readonly #deaths = new Map<string, readonly number[]>()

  /** Undefined unless the service of the pool is lost with this death: also no other process serves. */
  lossOf({ name, generation: { service }, workers }: Pool, death: Death, now: number): Loss | undefined {
    if (service?.critical !== true || death.verdict.isPlanned) return undefined
    const recent = [...(this.#deaths.get(name) ?? []), now].filter((at) => at > now - span)
    this.#deaths.set(name, recent.slice(-mostDeaths))
    if (workers.some(({ state }) => state === 'ready')) return undefined
    const inRow = death.loop?.failures ?? 0
    if (inRow >= mostInRow) return { failures: inRow, inRow: true }
    return recent.length >= mostDeaths ? { failures: recent.length, inRow: false } : undefined
  }
}
