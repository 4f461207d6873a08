// A wait with a time limit. Any process.

import { longestDelay } from './clock.ts'

export interface WithinOptions {
  /** True: the timer does not keep the process alive. Default: false. */
  readonly unref?: boolean
}

/**
 * Resolves with the value of `promise`, or with `late` (default: undefined) after `milliseconds`. Rejects
 * when `promise` rejects in time; a later rejection is ignored. The timer is cleared when `promise` settles.
 */
export function within<Value>(
  promise: PromiseLike<Value>,
  milliseconds: number,
  options?: WithinOptions,
): Promise<Value | undefined>
export function within<Value, Late>(
  promise: PromiseLike<Value>,
  milliseconds: number,
  options: WithinOptions & { readonly late: Late },
): Promise<Value | Late>
export async function within(
  promise: PromiseLike<unknown>,
  milliseconds: number,
  { late, unref = false }: WithinOptions & { readonly late?: unknown } = {},
): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const timeUp = new Promise((resolve) => {
    timer = setTimeout(() => resolve(late), Math.min(milliseconds, longestDelay))
    if (unref) timer.unref()
  })
  try {
    return await Promise.race([promise, timeUp])
  } finally {
    clearTimeout(timer)
  }
}
