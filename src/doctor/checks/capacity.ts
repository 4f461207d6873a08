// The processors and the memory of the machine or the cgroup against the number of workers. Pure.

import { ok, warning, wrong, type Finding } from '../findings/finding.ts'

const mebibyte = 2 ** 20

/** What a worker of a small app and the master need at least (PSS), to tell what cannot work. */
const leastWorker = 60 * mebibyte
const master = 60 * mebibyte

export interface Processors {
  readonly workers: number
  /** Whole processors that may be used. */
  readonly count: number
}

export function checkProcessors({ workers, count }: Processors): Finding {
  const fact = `${count} ${count === 1 ? 'processor' : 'processors'} for ${plural(workers)}`
  // The rule of thumb of gunicorn for workers that block; more only take turns.
  if (workers > 2 * count + 1)
    return wrong('workers', `${fact}: they take turns, and each costs memory`, `workers: 'auto', or ${count}`)
  if (workers > count) return warning('workers', fact, `workers: 'auto' starts ${count}`)
  return ok('workers', fact)
}

export interface Memory {
  readonly workers: number
  /** Bytes that the cgroup or the machine has. */
  readonly total: number
  /** Whether a cgroup limits it. */
  readonly isLimited: boolean
  /** Bytes at which a worker is replaced; undefined without `max_memory`. */
  readonly maxMemory: number | undefined
  /** Bytes to which V8 lets the heap of a worker grow. */
  readonly heapLimit: number
}

export function checkMemory({ workers, total, isLimited, maxMemory, heapLimit }: Memory): Finding {
  const place = isLimited ? 'the memory limit of the cgroup' : 'the memory of the machine'
  const fact = `${inMebibytes(total)} (${place}) for ${plural(workers)}`
  // One more worker runs while another is replaced.
  const fitting = Math.max(1, Math.floor((total - master) / (maxMemory ?? leastWorker)) - 1)
  const each = Math.floor((total - master) / (workers + 1))
  const share = `max_memory: '${Math.max(16, Math.floor(each / mebibyte))}M'`
  if ((workers + 1) * leastWorker + master > total)
    return wrong(
      'memory',
      `${fact}: too little even for small workers`,
      `workers: ${fitting}, or more memory`,
    )
  if (maxMemory !== undefined && (workers + 1) * maxMemory + master > total)
    return wrong(
      'max_memory',
      `${fact}: they and one replacement may reach ${inMebibytes((workers + 1) * maxMemory)}`,
      `${share}, or workers: ${fitting}`,
    )
  if (maxMemory === undefined && isLimited && workers * heapLimit > total)
    return warning(
      'memory',
      `${fact}: the heap of each may grow to ${inMebibytes(heapLimit)}, and then the kernel kills it`,
      share,
    )
  return ok('memory', fact)
}

function plural(workers: number): string {
  return workers === 1 ? '1 worker' : `${workers} workers`
}

function inMebibytes(bytes: number): string {
  return `${Math.round(bytes / mebibyte)}M`
}
