// The signal that users import: one for all copies of the package, aborted by the worker.

import assert from 'node:assert/strict'
import { test } from 'node:test'

test('drainSignal is aborted once with an AbortError for every copy of the package, without a warning', async () => {
  const warnings: unknown[] = []
  process.on('warning', (warning) => warnings.push(warning))
  const { announceDrain, drainSignal } = await import('../../../src/app/drain-signal.ts')
  const otherCopy: unknown = await import(`../../../src/app/drain-signal.ts?${'copy'}`)
  const { drainSignal: other } = otherCopy as { drainSignal: AbortSignal } // the same module a second time
  let fired = 0
  for (let listener = 0; listener < 100; listener += 1) other.addEventListener('abort', () => (fired += 1))
  assert.equal(drainSignal.aborted, false)
  announceDrain()
  announceDrain()
  assert.ok(drainSignal.aborted && other.aborted)
  assert.equal(fired, 100)
  assert.equal((drainSignal.reason as Error).name, 'AbortError')
  await new Promise((next) => setImmediate(next))
  assert.deepEqual(warnings, [])
})
