// The handlers of the arbiter's signals.

import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { onSignals } from '../../../../src/arbiter/loop/signals.ts'
import { arbiterSignals, isArbiterSignal, signalTable } from '../../../../src/arbiter/model/signals.ts'

test('every signal of the table is received and only put into the queue; a foreign listener does not run', () => {
  const process = new EventEmitter()
  const got: string[] = []
  process.on('SIGTERM', () => got.push('foreign'))
  const gated = new Map<string, () => void>()
  const gate = { on: (signal: string, receive: () => void) => void gated.set(signal, receive) }
  // Only `on` is called.
  onSignals(process as unknown as NodeJS.Process, gate, (signal) => got.push(signal))
  for (const signal of arbiterSignals) (gated.get(signal) ?? (() => process.emit(signal)))()
  assert.deepEqual(got, Object.keys(signalTable))
  assert.ok(isArbiterSignal('SIGHUP') && !isArbiterSignal('SIGKILL') && !isArbiterSignal('SIGSEGV'))
})
