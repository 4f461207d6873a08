// The trial of a new generation: which worker is on trial.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { trialTime } from '../../../../src/arbiter/model/death/verdict.ts'
import { trialOf } from '../../../../src/arbiter/pool/trial.ts'
import { worker } from '../records.ts'

test(
  'the first worker of a generation is on trial while the old generation serves, the later ones are ' + 'not',
  () => {
    const old = [worker({ nr: 0 }), worker({ nr: 1 })]
    assert.equal(trialOf(old, 2), trialTime)
    assert.equal(trialOf([...old, worker({ age: 3, generation: 2, state: 'booting' })], 2), trialTime)
    assert.equal(trialOf([...old, worker({ age: 3, generation: 2 })], 2), 0)
  },
)

test('where another master serves, the first workers wait', () => {
  assert.equal(trialOf([], 1, true), trialTime)
  assert.equal(trialOf([worker({ nr: 0, generation: 1 })], 1, true), 0)
})

test('where no worker serves, none waits', () => {
  assert.equal(trialOf([], 2), 0)
  assert.equal(trialOf([worker({ state: 'booting' }), worker({ nr: 1, state: 'draining' })], 2), 0)
})
