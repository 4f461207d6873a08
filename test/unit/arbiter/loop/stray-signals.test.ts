// Which signals of a worker were meant for it alone.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StraySignals } from '../../../../src/arbiter/loop/stray-signals.ts'

test('a signal that the arbiter has got as well, not long before, was for the whole group', () => {
  const signals = new StraySignals()
  assert.ok(signals.isStray('SIGHUP', 0))
  signals.note('SIGHUP', 1000)
  assert.ok(!signals.isStray('SIGHUP', 1500))
  assert.ok(signals.isStray('SIGTERM', 1500))
  assert.ok(signals.isStray('SIGHUP', 6001))
  assert.ok(signals.isStray('SIGXYZ', 0))
})
