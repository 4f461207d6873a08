// The roster: the only class that changes a record.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newRecord } from '../../../../src/arbiter/model/worker-record.ts'
import { Roster } from '../../../../src/arbiter/pool/roster.ts'
import { worker } from '../records.ts'

test(
  'the roster moves a worker by the table, keeps the first reason, and forgets the worker with its ' + 'exit',
  () => {
    const roster = new Roster()
    roster.add(newRecord({ nr: 0, age: 1, generation: 1 }, 0, 5000))
    assert.equal(roster.apply(1, 'hello', { deadline: 5000 })?.state, 'booting')
    assert.equal(roster.apply(1, 'ready', { readyAt: 10 })?.deadline, null, 'a deadline belongs to one state')
    assert.equal(roster.apply(1, 'hello'), undefined)
    assert.equal(roster.apply(1, 'retire', { reason: 'reload', deadline: 99 })?.deadline, 99)
    assert.equal(roster.apply(1, 'deadline', { reason: 'timeout' })?.reason, 'reload')
    assert.equal(roster.apply(1, 'exit')?.state, 'exited')
    assert.equal(roster.get(1), undefined)
    assert.equal(roster.apply(1, 'exit'), undefined)
  },
)

test('the roster lists the workers that hold a slot, and notes facts of known workers only', () => {
  const roster = new Roster()
  roster.add(worker({ age: 1 }))
  roster.add(worker({ age: 2, state: 'draining' }))
  roster.note(1, { pid: 77 })
  roster.note(9, { pid: 78 })
  assert.deepEqual(
    roster.holders().map(({ pid }) => pid),
    [77],
  )
  assert.deepEqual(
    roster.inState('draining', 'killed').map(({ age }) => age),
    [2],
  )
  assert.equal(roster.all().length, 2)
})

test('the lateness of the arbiter counts neither as silence nor against deadlines', () => {
  const roster = new Roster()
  roster.add(worker({ age: 1, lastBeat: 100 }))
  roster.add(worker({ age: 2, lastBeat: 950, deadline: 900, state: 'booting' }))
  roster.forgive(500, 1000)
  assert.deepEqual(
    roster.all().map(({ lastBeat, deadline }) => [lastBeat, deadline]),
    [
      [600, null],
      [1000, 1400],
    ],
  )
})
