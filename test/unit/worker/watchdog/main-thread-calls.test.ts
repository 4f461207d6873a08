// What the watchdog thread calls in the main thread, as an expression in one of its frames.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInThisContext } from 'node:vm'
import { callOf, exposeToWatchdog, readState } from '../../../../src/worker/watchdog/main-thread-calls.ts'

test('each call reaches its function, and the state crosses as text', () => {
  const calls: string[] = []
  const state = { heapUsed: 1, heapLimit: 2, requests: ['GET /'], more: 0 }
  exposeToWatchdog({
    describe: () => state,
    writeLast: () => void calls.push('writeLast'),
    abort: () => void calls.push('abort'),
  })
  assert.deepEqual(readState(runInThisContext(callOf('describe'))), state)
  runInThisContext(callOf('writeLast'))
  runInThisContext(callOf('abort'))
  assert.deepEqual(calls, ['writeLast', 'abort'])
  assert.ok(!Object.keys(globalThis).includes('tsgun.watchdog'))
})

test('a state that cannot be read is left out', () => {
  assert.deepEqual([readState(undefined), readState({}), readState('{')], [undefined, undefined, undefined])
})
