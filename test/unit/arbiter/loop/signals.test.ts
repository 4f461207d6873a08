// The handlers of the arbiter's signals.

import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { onSignals } from '../../../../src/arbiter/loop/signals.ts'
import { arbiterSignals, isArbiterSignal, signalTable } from '../../../../src/arbiter/model/signals.ts'

test('every signal of the table is listened to and only put into the queue', () => {
  const process = new EventEmitter()
  const got: string[] = []
  // Only `on` is called.
  onSignals(process as unknown as NodeJS.Process, (signal) => got.push(signal))
  for (const signal of arbiterSignals) process.emit(signal)
  assert.deepEqual(got, Object.keys(signalTable))
  assert.ok(isArbiterSignal('SIGHUP') && !isArbiterSignal('SIGKILL') && !isArbiterSignal('SIGSEGV'))
})
