// Why a worker failed, in one line and one word.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lastErrorOf } from '../../../../src/arbiter/model/last-error.ts'
import { exitReason, howEnded } from '../../../../src/arbiter/model/verdict.ts'
import { worker } from '../records.ts'

const exited = { code: 1, signal: null } as const

test(
  'the last error is what the worker said, else the error it printed, else its last words, else how it ' +
    'ended',
  () => {
    const stack = ['loading', 'TypeError: no key', '    at app.ts:3', '', 'Node.js v20.20.2']
    assert.equal(
      lastErrorOf(worker({ bootError: 'no database\nat all' }), { ...exited, lastLines: stack }),
      'no database',
    )
    assert.equal(lastErrorOf(worker(), { ...exited, lastLines: stack }), 'TypeError: no key')
    assert.equal(lastErrorOf(worker(), { ...exited, lastLines: ['one', 'two', ' '] }), 'two')
    assert.equal(lastErrorOf(worker(), { code: 42, signal: null }), 'exited with code 42')
    assert.equal(lastErrorOf(worker(), { ...exited, lastLines: ['x'.repeat(999)] }).length, 201)
  },
)

test('the reason is what the master wanted, else oom, disconnected, signal or exit', () => {
  const killed = { code: null, signal: 'SIGKILL' } as const
  assert.equal(exitReason(worker({ reason: 'timeout' }), { ...killed, oom: true }), 'timeout')
  assert.equal(exitReason(worker(), { ...killed, oom: true }), 'oom')
  assert.match(
    howEnded(worker(), { ...killed, oom: true }),
    /by the kernel for want of memory: the cgroup has counted an OOM kill/,
  )
  assert.equal(
    exitReason(worker(), { code: null, signal: 'SIGABRT', lastLines: ['JavaScript heap out of memory'] }),
    'oom',
  )
  assert.equal(exitReason(worker(), killed), 'signal')
  assert.equal(exitReason(worker(), exited), 'exit')
  assert.equal(exitReason(worker(), { code: 69, signal: null }), 'disconnected')
})
