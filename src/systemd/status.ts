// Runs in the arbiter: the line that `systemctl status` shows. Pure, but for the meter, which remembers what
// it has counted.

import type { PoolSnapshot } from '../arbiter/model/snapshot.ts'
import type { Phase } from './health.ts'

/** Requests of all workers together: a worker that is replaced takes its own count with it. */
export class Meter {
  #counted = new Map<number, number>()
  #total = 0
  #at: number | undefined
  #before = 0

  /** Takes the present figures. Returns the requests so far, and per second since the last call. */
  read(workers: PoolSnapshot['workers'], now: number): Throughput {
    for (const { age, load } of workers)
      this.#total += Math.max(0, load.requests - (this.#counted.get(age) ?? 0))
    this.#counted = new Map(workers.map(({ age, load }) => [age, load.requests]))
    const seconds = this.#at === undefined ? 0 : (now - this.#at) / 1000
    const perSecond = seconds > 0 ? (this.#total - this.#before) / seconds : 0
    this.#at = now
    this.#before = this.#total
    return { total: this.#total, perSecond }
  }
}

export interface Throughput {
  readonly total: number
  readonly perSecond: number
}

type Figures = Pick<PoolSnapshot, 'generation' | 'target' | 'workers' | 'slots'>

export interface Story {
  readonly phase: Phase
  /** Why the last reload has failed; undefined when it has not. */
  readonly failure: string | undefined
}

const words: Readonly<Record<Phase, string>> = {
  starting: 'starting, ',
  serving: '',
  reloading: 'reloading, ',
  stopping: 'stopping, ',
}

/** In one line, as the protocol needs it. */
export function statusLine(
  pool: Figures,
  { total, perSecond }: Throughput,
  { phase, failure }: Story,
): string {
  const ready = pool.workers.filter(({ state }) => state === 'ready')
  const busy = pool.workers.reduce((sum, worker) => sum + worker.load.busy, 0)
  const left = `${pool.workers.length} workers left`
  const parts = [
    `generation ${pool.generation}: ` +
      `${phase === 'stopping' ? left : `${ready.length} of ${pool.target} workers ready`}`,
    `${busy} requests in progress`,
    `${rate(perSecond)} requests/s`,
    `${total} answered`,
    ...loops(pool),
    ...(failure === undefined ? [] : [`the last reload failed: ${oneLine(failure)}`]),
  ]
  return `${words[phase]}${parts.join(', ')}`
}

function rate(perSecond: number): string {
  return perSecond > 0 && perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond))
}

function loops({ slots }: Figures): string[] {
  const looping = slots.filter(({ state }) => state === 'crash-loop').map(({ nr }) => nr)
  return looping.length === 0 ? [] : [`in a crash loop: ${looping.map((nr) => `worker ${nr}`).join(', ')}`]
}

/** Characters of a reason that fit into a line which a person reads. */
const longestReason = 200

function oneLine(text: string): string {
  const line = text.replace(/\p{C}+/gu, ' ').trim()
  return line.length > longestReason ? `${line.slice(0, longestReason)}…` : line
}
