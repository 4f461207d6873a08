// The report of a stuck worker, as a sentence and as fields. Pure.

import type { StuckReport } from '../../../config/hooks/views.ts'
import { megabytes, type Sentence } from './sentence.ts'

/** Where the worker is stuck, as the rest of a sentence about it. */
export function whereStuck({ where, step }: StuckReport): string {
  const during = step === null || step.trim() === '' ? '' : `; ${step}`
  if (where === 'waiting') return `is waiting, not blocked: its event loop turns${during}`
  if (where === 'javascript') return `is stuck in JavaScript${during}`
  return (
    'is stuck in native code (for example a synchronous child process, a huge JSON.parse, zlib or an ' +
    'addon), ' +
    `which has no JavaScript stack${during}`
  )
}

/** `it uses 70 MB, 10 MB of 4144 MB of its heap` */
export function memoryOf({ rss, heapUsed, heapLimit }: StuckReport): string {
  const heap =
    heapUsed === null || heapLimit === null
      ? ''
      : `, ${megabytes(heapUsed)} of ${megabytes(heapLimit)} of its heap`
  return `it uses ${megabytes(rss)}${heap}`
}

export function stuckFields(report: StuckReport): Pick<Sentence, 'fields' | 'said'> {
  const { where, silent, stack, requests, more, heapUsed, heapLimit, rss } = report
  return {
    fields: {
      in_flight: more === 0 ? requests : [...requests, `and ${more} more`],
      ...(stack.length === 0 ? {} : { stack }),
    },
    said: {
      stuck_in: where,
      silent_ms: Math.round(silent),
      ...(heapUsed === null ? {} : { heap_used: heapUsed, heap_limit: heapLimit }),
      rss,
    },
  }
}
