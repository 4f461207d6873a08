// How long the arbiter waits for the report of a stuck worker.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { abortLimit, bootAllowance } from '../../../../src/arbiter/pool/stuck.ts'

test('a watchdog thread gets time for its report, without one there is none to wait for', () => {
  assert.deepEqual([abortLimit({ watchdog: true }), abortLimit({ watchdog: false })], [4000, 1000])
  assert.deepEqual([bootAllowance({ watchdog: true }), bootAllowance({ watchdog: false })], [2500, 0])
})
