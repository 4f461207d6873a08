// Runs in the arbiter: the line that `systemctl status` shows. Pure, but for the meter, which remembers what
// it has counted.

import type { ServerView } from '../config/hooks/views.ts'
import type { Phase } from './health.ts'

/** Requests of all workers together: a worker that is replaced takes its own count with it. */
export class Meter {
  #counted = new Map<number, number>()
  #total = 0
  #at: number | undefined
  #before = 0

  /** Takes the figures of now. Answers the requests so far, and those in a second since the look before. */
  read(workers: ServerView['workers'], now: number): Throughput {
    for (const { age, requests } of workers)
      this.#total += Math.max(0, requests - (this.#counted.get(age) ?? 0))
    this.#counted = new Map(workers.map(({ age, requests }) => [age, requests]))
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

type Figures = Pick<ServerView, 'generation' | 'num_workers' | 'workers' | 'slots'>

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
  view: Figures,
  { total, perSecond }: Throughput,
  { phase, failure }: Story,
): string {
  const ready = view.workers.filter(({ state }) => state === 'ready')
  const busy = view.workers.reduce((sum, worker) => sum + worker.busy, 0)
  const left = `${view.workers.length} workers left`
  const parts = [
    `generation ${view.generation}: ` +
      `${phase === 'stopping' ? left : `${ready.length} of ${view.num_workers} workers ready`}`,
    `${busy} requests in progress`,
    `${rate(perSecond)} requests/s`,
    `${total} answered`,
    ...loops(view),
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
