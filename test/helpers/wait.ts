// Waits of tests: each has a time limit, and says at the limit what it has waited for.

import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'

/** The usual time limit of a wait in milliseconds: an upper bound for a slow machine, not an expectation. */
export const longestWait = 60_000

/** Milliseconds between two calls of a probe. */
const interval = 20

/**
 * Repeats the probe until it returns a value, and resolves with that. Rejects after
 * `within` milliseconds, with the text of `report` in the message.
 */
export async function eventually<Value>(
  what: string,
  probe: () => Promise<Value | undefined> | Value | undefined,
  report: () => Promise<string> | string = () => '',
  within = longestWait,
): Promise<Value> {
  const giveUpAt = performance.now() + within
  for (;;) {
    const value = await probe()
    if (value !== undefined) return value
    if (performance.now() > giveUpAt) assert.fail(`timed out waiting for ${what}\n${await report()}`)
    await delay(interval)
  }
}
