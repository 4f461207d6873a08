// Runs in the process that orders a certificate: failures of earlier orders, also before a restart and of
// other masters. A server that is restarted again and again must not use up what an authority allows.

import { isObject } from '../os/type-checks.ts'
import { leastPause } from '../tls/acme-due.ts'
import { readIfThere, replaceFile } from './storage.ts'

export interface Failures {
  /** In a row. */
  readonly failures: number
  /** Milliseconds since the epoch. */
  readonly notBefore: number
}

const none: Failures = { failures: 0, notBefore: 0 }

export function readFailures(path: string): Failures {
  const text = readIfThere(path)
  return text === undefined ? none : parseFailures(text)
}

/** What cannot be read has not happened. */
export function parseFailures(text: string): Failures {
  try {
    const value: unknown = JSON.parse(text)
    if (!isObject(value)) return none
    const { failures, notBefore } = value
    return typeof failures === 'number' && typeof notBefore === 'number' ? { failures, notBefore } : none
  } catch {
    return none
  }
}

/** `retryAfter`: milliseconds that the authority wants. */
export function noteFailure(
  path: string,
  {
    failures,
    retryAfter,
    now,
  }: { readonly failures: number; readonly retryAfter: number; readonly now: number },
): void {
  const notBefore = now + Math.max(retryAfter, leastPause(failures))
  replaceFile(path, JSON.stringify({ failures, notBefore }))
}
