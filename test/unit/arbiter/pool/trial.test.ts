// The trial of a new generation: who is on trial, and whose death ends the reload.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diedOnTrial, trialOf, trialTime, whyOnTrial } from '../../../../src/arbiter/pool/trial.ts'
import { worker } from '../records.ts'

const exited = { code: 1, signal: null } as const

test(
  'the first worker of a generation is on trial while the old generation serves, the later ones are ' + 'not',
  () => {
    const old = [worker({ nr: 0 }), worker({ nr: 1 })]
    assert.equal(trialOf(old, 2), trialTime)
    assert.equal(trialOf([...old, worker({ age: 3, generation: 2, state: 'booting' })], 2), trialTime)
    assert.equal(trialOf([...old, worker({ age: 3, generation: 2 })], 2), 0)
  },
)

test('where nobody serves, nobody waits', () => {
  assert.equal(trialOf([], 2), 0)
  assert.equal(trialOf([worker({ state: 'booting' }), worker({ nr: 1, state: 'draining' })], 2), 0)
})

test(
  'a worker that crashes soon after it was ready fails the reload, one that lasted longer does ' + 'not',
  () => {
    const one = worker({ generation: 2, readyAt: 5000 })
    assert.ok(diedOnTrial(one, exited, 5000 + trialTime))
    assert.ok(diedOnTrial(one, { code: null, signal: 'SIGSEGV' }, 5200))
    assert.ok(diedOnTrial(one, { code: 0, signal: null }, 5200), 'an app that calls process.exit')
    assert.ok(
      diedOnTrial(one, { code: null, signal: 'SIGKILL', oom: true }, 5200),
      'the kernel, for want of memory',
    )
    assert.ok(!diedOnTrial(one, exited, 5001 + trialTime))
    assert.equal(
      whyOnTrial(one, exited),
      'a worker died within 1 s after it was ready: it exited with code 1: an error that nobody caught, ' +
        'or process.exit(1)',
    )
  },
)

test(
  'nobody blames the release for a worker that was told to end, was killed by somebody, or was never ' +
    'ready',
  () => {
    const one = worker({ generation: 2, readyAt: 5000 })
    assert.ok(!diedOnTrial({ ...one, reason: 'scale' }, { code: 0, signal: null }, 5200))
    assert.ok(!diedOnTrial(one, { code: null, signal: 'SIGKILL' }, 5200))
    assert.ok(!diedOnTrial(one, { code: null, signal: 'SIGTERM' }, 5200))
    assert.ok(!diedOnTrial({ ...one, readyAt: null }, exited, 5200), 'that one failed to boot')
  },
)
