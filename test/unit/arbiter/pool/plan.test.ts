// Each rule of the plan: what is done about too few, too many, stuck, late and outdated workers.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Situation } from '../../../../src/arbiter/model/situation.ts'
import { nextMoment, plan } from '../../../../src/arbiter/pool/plan.ts'
import { noLimits } from '../../../../src/arbiter/model/limits.ts'
import type { WorkerRecord } from '../../../../src/arbiter/model/worker-record.ts'
import { worker } from '../records.ts'

const situation = (changes: Partial<Situation>): Situation => ({
  workers: [],
  target: 2,
  generation: 1,
  slots: new Map(),
  stopsFirst: false,
  stopping: false,
  now: 1000,
  ...changes,
})

/** A worker whose own `timeout` is this many milliseconds. */
const limitedTo = (silence: number, changes: Partial<WorkerRecord> = {}): WorkerRecord =>
  worker({ limits: { ...noLimits, silence }, ...changes })

const both = [worker({ nr: 0 }), worker({ nr: 1 })]

test('nothing is done when every slot has its worker', () => {
  assert.deepEqual(plan(situation({ workers: both })), [])
  const booting = both.map((record) => ({ ...record, state: 'booting' as const }))
  assert.deepEqual(plan(situation({ workers: booting })), [])
})

test('each empty slot gets a worker, all at once', () => {
  assert.deepEqual(plan(situation({})), [
    { type: 'spawn', nr: 0 },
    { type: 'spawn', nr: 1 },
  ])
  assert.deepEqual(plan(situation({ workers: [worker({ nr: 1 })] })), [{ type: 'spawn', nr: 0 }])
})

test('a worker that drains, is aborted or killed no longer holds its slot', () => {
  for (const state of ['draining', 'aborting', 'killed'] as const)
    assert.deepEqual(
      plan(situation({ target: 1, workers: [worker({ state })] })),
      [{ type: 'spawn', nr: 0 }],
      state,
    )
})

test('a slot waits until its delay is over', () => {
  const slots = new Map([[0, { failures: 3, notBefore: 1001 }]])
  assert.deepEqual(plan(situation({ slots })), [{ type: 'spawn', nr: 1 }])
  assert.deepEqual(plan(situation({ slots, now: 1001, target: 1 })), [{ type: 'spawn', nr: 0 }])
})

test('workers beyond the target are retired', () => {
  assert.deepEqual(plan(situation({ workers: both, target: 1 })), [
    { type: 'retire', age: 2, reason: 'scale' },
  ])
  assert.equal(plan(situation({ workers: both, target: 0 })).length, 2)
  const booting = [worker({ nr: 0 }), worker({ nr: 1, state: 'booting' })]
  assert.deepEqual(plan(situation({ workers: booting, target: 1 })), [
    { type: 'retire', age: 2, reason: 'scale' },
  ])
})

test('a worker past its deadline is killed', () => {
  for (const state of ['spawned', 'booting', 'draining', 'aborting'] as const) {
    const late = worker({ state, deadline: 1000 })
    assert.deepEqual(plan(situation({ target: 0, workers: [late] }))[0], { type: 'kill', age: 1 }, state)
  }
  assert.deepEqual(plan(situation({ workers: both.map((record) => ({ ...record, deadline: 1001 })) })), [])
})

test('a ready worker that was silent for timeout is aborted, and its slot gets a new one at once', () => {
  const silent = { lastBeat: 400 }
  assert.deepEqual(plan(situation({ target: 1, workers: [limitedTo(600, silent)] })), [
    { type: 'abort', age: 1 },
    { type: 'spawn', nr: 0 },
  ])
  assert.deepEqual(plan(situation({ target: 1, workers: [limitedTo(601, silent)] })), [])
  assert.deepEqual(plan(situation({ target: 1, workers: [worker(silent)] })), [], 'timeout: 0 is no limit')
  const booting = limitedTo(600, { ...silent, state: 'booting' })
  assert.deepEqual(plan(situation({ target: 1, workers: [booting] })), [], 'boot_timeout counts')
})

test('the timeout of a worker is that of its own generation', () => {
  const old = limitedTo(300_000, { nr: 0, lastBeat: 0 })
  const young = limitedTo(30_000, { nr: 1, generation: 2, lastBeat: 0 })
  const aborted = plan(situation({ workers: [old, young], generation: 2, now: 40_000 })).flatMap((action) =>
    action.type === 'abort' ? [action.age] : [],
  )
  assert.deepEqual(aborted, [young.age])
  assert.equal(nextMoment(situation({ workers: [old] })), 300_000)
})

test('while the server stops no worker is started or replaced, but deadlines count', () => {
  assert.deepEqual(plan(situation({ stopping: true })), [])
  const late = worker({ state: 'draining', deadline: 900 })
  assert.deepEqual(plan(situation({ stopping: true, workers: [late] })), [{ type: 'kill', age: 1 }])
})

test('a reload starts one trial beside the old workers, and changes nothing else', () => {
  assert.deepEqual(plan(situation({ generation: 2, workers: both })), [{ type: 'spawn', nr: 0 }])
  const trial = worker({ nr: 0, age: 3, generation: 2, state: 'booting' })
  assert.deepEqual(plan(situation({ generation: 2, workers: [...both, trial] })), [])
  assert.deepEqual(
    plan(situation({ generation: 2, workers: [...both, trial], target: 1 })),
    [],
    'not even a smaller target',
  )
  assert.deepEqual(
    plan(situation({ generation: 2, workers: [...both, trial], target: 3 })),
    [],
    'nor a larger one',
  )
})

test('when the trial is ready the old worker of its slot goes and the next slot has its turn', () => {
  const trial = worker({ nr: 0, age: 3, generation: 2 })
  assert.deepEqual(plan(situation({ generation: 2, workers: [...both, trial] })), [
    { type: 'retire', age: 1, reason: 'reload' },
    { type: 'spawn', nr: 1 },
  ])
})

test('outdated workers are replaced one at a time', () => {
  const old = [0, 1, 2].map((nr) => worker({ nr }))
  const workers = [
    worker({ nr: 0, age: 4, generation: 2 }),
    worker({ nr: 1, age: 5, generation: 2, state: 'booting' }),
    ...old.slice(1),
  ]
  assert.deepEqual(plan(situation({ generation: 2, target: 3, workers })), [])
})

test('while a trial is untried an empty slot waits for it', () => {
  const workers = [worker({ nr: 0 }), worker({ nr: 0, age: 3, generation: 2, state: 'booting' })]
  assert.deepEqual(plan(situation({ generation: 2, workers })), [])
})

test(
  'a new generation that has no slot to begin in, because the old workers are beyond the target, ' +
    'begins in an empty one',
  () => {
    const old = [worker({ nr: 2 }), worker({ nr: 3 })]
    assert.deepEqual(plan(situation({ generation: 2, workers: old })), [{ type: 'spawn', nr: 0 }])
    const trial = worker({ nr: 0, age: 9, generation: 2, state: 'booting' })
    assert.deepEqual(plan(situation({ generation: 2, workers: [...old, trial] })), [])
  },
)

test('an old worker that still boots does not hold up the trial', () => {
  const workers = [worker({ nr: 0, state: 'booting' }), worker({ nr: 1, state: 'booting' })]
  assert.deepEqual(plan(situation({ generation: 2, workers })), [{ type: 'spawn', nr: 0 }])
})

test('the replacement of an outdated worker waits for the delay of its slot too', () => {
  const slots = new Map([[0, { failures: 3, notBefore: 2000 }]])
  assert.deepEqual(plan(situation({ generation: 2, target: 1, slots, workers: [worker()] })), [])
})

test('a new generation whose old one has no worker left starts in all slots', () => {
  assert.equal(plan(situation({ generation: 2, workers: [worker({ state: 'draining' })] })).length, 2)
})

test('after a revert the worker of the failed generation is retired as soon as the slot has its own', () => {
  const workers = [...both, worker({ nr: 0, age: 3, generation: 2, state: 'booting' })]
  assert.deepEqual(plan(situation({ generation: 1, workers })), [
    { type: 'retire', age: 3, reason: 'reload' },
  ])
})

test('the next moment is the nearest deadline, end of a silence or end of a delay', () => {
  assert.equal(nextMoment(situation({})), undefined)
  assert.equal(
    nextMoment(situation({ workers: [worker({ deadline: 1500 }), worker({ deadline: 1200 })] })),
    1200,
  )
  assert.equal(nextMoment(situation({ workers: [limitedTo(500, { lastBeat: 900 })] })), 1400)
  assert.equal(
    nextMoment(situation({ workers: [limitedTo(500, { lastBeat: 900, state: 'draining' })] })),
    undefined,
  )
  const slots = new Map([
    [0, { failures: 3, notBefore: 900 }],
    [1, { failures: 3, notBefore: 1300 }],
    [7, { failures: 3, notBefore: 1100 }],
  ])
  assert.equal(
    nextMoment(situation({ slots })),
    1300,
    'neither one that is over nor one of a slot beyond the target',
  )
  assert.equal(nextMoment(situation({ slots, stopping: true })), undefined)
})

test('a worker with a debugger is never stuck, however long it is silent', () => {
  const silent = limitedTo(10, { nr: 0, lastBeat: 0, debugged: true })
  const decided = plan(situation({ workers: [silent], target: 1, now: 1_000_000 }))
  assert.deepEqual(decided, [])
  const plain = plan(situation({ workers: [{ ...silent, debugged: false }], target: 1, now: 1_000_000 }))
  assert.deepEqual(plain, [
    { type: 'abort', age: 1 },
    { type: 'spawn', nr: 0 }, // at once
  ])
})

test('where the old one stops first, it is retired before the next one starts, one slot at a time', () => {
  const old = [worker({ nr: 0 }), worker({ nr: 1 })]
  const [, second] = old
  assert.ok(second)
  const decide = (workers: readonly WorkerRecord[], changes: Partial<Situation> = {}): unknown =>
    plan(situation({ workers, generation: 2, stopsFirst: true, ...changes }))
  assert.deepEqual(decide(old), [{ type: 'retire', age: 1, reason: 'reload' }])
  const draining = worker({ nr: 0, state: 'draining', reason: 'reload' })
  assert.deepEqual(decide([draining, second]), [], 'its process still runs')
  assert.deepEqual(decide([second]), [{ type: 'spawn', nr: 0 }])
  const slots = new Map([[0, { failures: 3, notBefore: 9000 }]])
  assert.deepEqual(decide([second], { slots }), [], 'one that fails does not take the others along')
  const next = worker({ nr: 0, age: 9, generation: 2, state: 'booting' })
  assert.deepEqual(decide([second, next]), [])
  assert.deepEqual(decide([second, { ...next, state: 'ready' }]), [
    { type: 'retire', age: 2, reason: 'reload' },
  ])
  const booting = worker({ nr: 0, state: 'booting' })
  assert.deepEqual(decide([booting], { target: 1 }), [{ type: 'retire', age: 1, reason: 'reload' }])
  assert.deepEqual(decide([draining], { generation: 1, target: 1 }), [])
})
