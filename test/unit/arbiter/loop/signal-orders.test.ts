// The order that each signal gives.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { orderOf } from '../../../../src/arbiter/loop/signal-orders.ts'

const serving = { stopping: false, target: 2, daemon: false, abandoned: false }

test('each signal gives its order while the server serves', () => {
  assert.deepEqual(orderOf('SIGTERM', serving), { type: 'stop', mode: 'graceful' })
  assert.deepEqual(orderOf('SIGINT', serving), { type: 'stop', mode: 'quick' })
  assert.deepEqual(orderOf('SIGQUIT', serving), { type: 'stop', mode: 'quick' })
  assert.deepEqual(orderOf('SIGHUP', serving), { type: 'reload' })
  assert.deepEqual(orderOf('SIGHUP', { ...serving, abandoned: true }), { type: 'stop', mode: 'quick' })
  assert.deepEqual(orderOf('SIGUSR1', serving), { type: 'reopen' })
  assert.deepEqual(orderOf('SIGUSR2', serving), { type: 'upgrade' })
  assert.deepEqual(orderOf('SIGTTIN', serving), { type: 'scale', to: 3 })
  assert.deepEqual(orderOf('SIGTTOU', serving), { type: 'scale', to: 1 })
  assert.equal(orderOf('SIGTTOU', { ...serving, target: 1 }).type, 'ignore')
  assert.equal(orderOf('SIGTTOU', { ...serving, target: 0 }).type, 'ignore')
  assert.equal(orderOf('SIGWINCH', serving).type, 'ignore')
  assert.deepEqual(orderOf('SIGWINCH', { ...serving, daemon: true }), { type: 'scale', to: 0 })
  assert.deepEqual(orderOf('SIGCHLD', serving), { type: 'nothing' })
})

test('while the server stops only stopping, reopening and nothing are left', () => {
  const stopping = { ...serving, stopping: true, daemon: true }
  for (const signal of ['SIGHUP', 'SIGUSR2', 'SIGTTIN', 'SIGTTOU', 'SIGWINCH'] as const)
    assert.deepEqual(orderOf(signal, stopping), { type: 'ignore', why: 'the server is stopping' })
  assert.equal(orderOf('SIGINT', stopping).type, 'stop')
  assert.equal(orderOf('SIGUSR1', stopping).type, 'reopen')
})
