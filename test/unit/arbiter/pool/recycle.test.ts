// The part of the plan that replaces workers which are due: new before old, one at a time, after everything
// else.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noLimits } from '../../../../src/arbiter/model/limits.ts'
import type { Action, Situation } from '../../../../src/arbiter/model/situation.ts'
import { plan } from '../../../../src/arbiter/pool/plan.ts'
import type { WorkerRecord } from '../../../../src/arbiter/model/worker-record.ts'
import { worker } from '../records.ts'

const decide = (workers: readonly WorkerRecord[], changes: Partial<Situation> = {}): Action[] =>
  plan({
    workers,
    target: 2,
    generation: 1,
    slots: new Map(),
    stopsFirst: false,
    stopping: false,
    now: 1000,
    ...changes,
  })

const due = (nr: number, since = 900): WorkerRecord => worker({ nr, due: { reason: 'max_requests', since } })
const fine = worker({ nr: 1 })
const next = worker({ nr: 0, age: 9, state: 'booting' })

test('a worker that is due gets its successor first', () => {
  assert.deepEqual(decide([due(0), fine]), [{ type: 'spawn', nr: 0 }])
  assert.deepEqual(decide([due(0), fine, next]), [], 'it serves until that one is ready')
  const ready = { ...next, state: 'ready' as const }
  assert.deepEqual(decide([due(0), fine, ready]), [{ type: 'retire', age: 1, reason: 'max_requests' }])
})

test('of several the one goes first that has been due for longest, and no other before it has exited', () => {
  const both = [due(0, 900), due(1, 800)]
  assert.deepEqual(decide(both), [{ type: 'spawn', nr: 1 }])
  assert.deepEqual(decide([...both, worker({ nr: 1, age: 9, state: 'booting' })]), [])
  const draining = worker({ nr: 1, age: 8, state: 'draining', reason: 'max_memory' })
  assert.deepEqual(decide([due(0), fine, draining]), [])
  assert.deepEqual(decide([due(0), fine, { ...draining, state: 'killed' }]), [])
  assert.deepEqual(decide([due(0), fine, { ...draining, reason: 'reload' }]), [{ type: 'spawn', nr: 0 }])
})

test('a successor that is due already waits for its turn, and does not go with the old one', () => {
  const successor = { ...due(0), age: 9 }
  assert.deepEqual(decide([due(0), fine, successor]), [{ type: 'retire', age: 1, reason: 'max_requests' }])
})

test(
  'a successor that does not boot leaves the old one where it is; its slot waits, another one has its ' +
    'turn',
  () => {
    const slots = new Map([[0, { failures: 1, notBefore: 1250 }]])
    assert.deepEqual(decide([due(0), fine], { slots }), [])
    assert.deepEqual(decide([due(0), fine], { slots, now: 1250 }), [{ type: 'spawn', nr: 0 }])
    assert.deepEqual(decide([due(0, 800), due(1, 900)], { slots }), [{ type: 'spawn', nr: 1 }])
  },
)

test(
  'an old one that dies meanwhile has its successor already; a successor that stalls leaves the old ' + 'one',
  () => {
    assert.deepEqual(decide([fine, next]), [])
    const limits = { ...noLimits, silence: 500 }
    const stuck = { ...next, state: 'ready' as const, lastBeat: 0, limits }
    const beating = [due(0), fine].map((record) => ({ ...record, lastBeat: 999 }))
    assert.deepEqual(decide([...beating, stuck]), [{ type: 'abort', age: 9 }])
    assert.deepEqual(
      decide([due(0), fine, { ...stuck, state: 'aborting', reason: 'timeout' }]),
      [],
      'until it has exited',
    )
  },
)

test('empty slots, boots and the number of workers come first', () => {
  assert.deepEqual(decide([due(0)]), [{ type: 'spawn', nr: 1 }])
  assert.deepEqual(decide([due(0), worker({ nr: 1, state: 'booting' })]), [])
  assert.deepEqual(decide([due(0), fine], { target: 1 }), [{ type: 'retire', age: 2, reason: 'scale' }])
  assert.deepEqual(decide([fine, due(0)], { target: 3 }), [{ type: 'spawn', nr: 2 }])
})

test('a slot that has failed to boot does not keep the others from being replaced', () => {
  assert.deepEqual(decide([due(0)], { slots: new Map([[1, { failures: 4, notBefore: 9000 }]]) }), [
    { type: 'spawn', nr: 0 },
  ])
})

test(
  'a reload comes first: it calls off a successor that still boots, and replaces the due worker like ' +
    'any other',
  () => {
    assert.deepEqual(decide([due(0), fine, next], { generation: 2 }), [
      { type: 'spawn', nr: 0 },
      { type: 'retire', age: 9, reason: 'reload' },
    ])
    const trial = worker({ nr: 0, age: 10, generation: 2 })
    const ready = { ...next, state: 'ready' as const }
    assert.deepEqual(decide([due(0), fine, ready], { generation: 2 }), [
      { type: 'spawn', nr: 0 },
      { type: 'retire', age: 1, reason: 'max_requests' },
    ])
    assert.deepEqual(decide([due(0), fine, ready, trial], { generation: 2 }), [
      { type: 'retire', age: 1, reason: 'reload' },
      { type: 'retire', age: 9, reason: 'reload' },
      { type: 'spawn', nr: 1 },
    ])
  },
)

test('while the server stops no worker is recycled', () => {
  assert.deepEqual(decide([due(0), due(1)], { stopping: true }), [])
})

test('where the old one stops first, the one that is due is retired without a successor', () => {
  assert.deepEqual(decide([due(0), fine], { stopsFirst: true }), [
    { type: 'retire', age: 1, reason: 'max_requests' },
  ])
})
