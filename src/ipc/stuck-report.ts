// What the watchdog thread of a worker tells the arbiter about a main thread that is stuck: lines of JSON on
// a pipe of their own, because the channel and the log pipe belong to the thread that is stuck. Checked on
// arrival, like every message.

/**
 * What holds a worker up. `javascript`: code whose stack is known; `native`: code of Node.js, of an addon or
 * of the system, which shows no stack; `waiting`: nothing, the event loop turns, but the boot does not come
 * to its end.
 */
const places = ['javascript', 'native', 'waiting'] as const

export type StuckPlace = (typeof places)[number]

export interface StuckReport {
  readonly where: StuckPlace
  /** Milliseconds since the event loop turned for the last time. */
  readonly silent: number
  /** What a worker that boots was at, such as `it is still loading /srv/app.ts`; null for one that serves. */
  readonly step: string | null
  /** As V8 shows it, innermost first; of TypeScript, where it is known. */
  readonly stack: readonly string[]
  /** Requests in flight, oldest first, and how many more there are. */
  readonly requests: readonly string[]
  readonly more: number
  /** Bytes. Those of the heap are null when the main thread cannot be asked. */
  readonly heapUsed: number | null
  readonly heapLimit: number | null
  readonly rss: number
}

export function isStuckReport(value: unknown): value is StuckReport {
  if (typeof value !== 'object' || value === null) return false
  const report: Partial<Record<keyof StuckReport, unknown>> = value
  const { where, silent, step, stack, requests, more, heapUsed, heapLimit, rss } = report
  return (
    places.some((place) => place === where) &&
    [silent, more, rss].every((number) => typeof number === 'number') &&
    [heapUsed, heapLimit].every((bytes) => bytes === null || typeof bytes === 'number') &&
    (step === null || typeof step === 'string') &&
    [stack, requests].every(
      (lines) => Array.isArray(lines) && lines.every((line) => typeof line === 'string'),
    )
  )
}
