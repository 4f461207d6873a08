// Batches: what runs together, and what becomes of each input.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { decide, type BatchRule, type Collected } from '../../../../src/tasks/host/collect.ts'
import { defineTask, type AnyDefinition } from '../../../../src/tasks/model/definition.ts'
import { eventually } from '../../../helpers/wait.ts'
import { createPool, deferred, endsOf, type Pool } from '../pool.ts'

const rule: BatchRule = { max: 32, maxWait: 10, lastSize: 1, lastTime: 100 }
const collected: Collected = { ready: 1, quietTurns: 4, waited: 0 }

test('nothing begins before its caller could have left, and no batch before the queue is empty', () => {
  for (const quietTurns of [0, 1]) assert.equal(decide({ ...collected, ready: 32, quietTurns }, rule), 'turn')
  assert.equal(decide({ ...collected, ready: 32, quietTurns: 2 }, rule), 'begin')
  for (const quietTurns of [2, 3]) assert.equal(decide({ ...collected, quietTurns }, rule), 'turn')
})

test('a task without batches begins as soon as its caller could have left', () => {
  assert.equal(decide({ ...collected, quietTurns: 2 }, { ...rule, max: 1 }), 'begin')
})

test('a lone caller never waits for others', () => {
  assert.equal(decide(collected, rule), 'begin')
})

test('a batch waits while it is smaller than the last one', () => {
  const crowded = { ...rule, lastSize: 8 }
  assert.equal(decide({ ...collected, ready: 7 }, crowded), 'wait')
  assert.equal(decide({ ...collected, ready: 8 }, crowded), 'begin')
})

test('it waits at most max_wait, and at most a fifth of the time of the last batch', () => {
  const crowded = { ...rule, lastSize: 8 }
  assert.equal(decide({ ...collected, waited: 9.9 }, crowded), 'wait')
  assert.equal(decide({ ...collected, waited: 10 }, crowded), 'begin')
  assert.equal(decide({ ...collected, waited: 3.9 }, { ...crowded, lastTime: 20 }), 'wait')
  assert.equal(decide({ ...collected, waited: 4 }, { ...crowded, lastTime: 20 }), 'begin')
  assert.equal(decide(collected, { ...crowded, maxWait: 0 }), 'begin')
})

/** A task whose first batch, of one input, waits until the test releases it. */
function blocked(pool: Pool, act: (inputs: readonly unknown[]) => unknown[]): () => Promise<void> {
  const release = deferred()
  let isFirst = true
  const host = pool.host({
    batch: {
      max: 8,
      max_wait: 20,
      async run(inputs) {
        if (!isFirst) return act(inputs)
        isFirst = false
        await release.promise
        return inputs
      },
    },
  })
  const first = pool.client.run('first', {})
  return async () => {
    await eventually('the first batch', () => host.load().busy === 1 || undefined)
    await delay(20) // the calls of the test are in the queue
    release.resolve()
    await first
  }
}

test('what waits in the queue runs together, up to max', async (t) => {
  const pool = createPool(t)
  const sizes: number[] = []
  const release = blocked(pool, (inputs) => {
    sizes.push(inputs.length)
    return [...inputs]
  })
  const inputs = Array.from({ length: 20 }, (_, index) => index)
  await eventually('the first batch', () => pool.statistics.running === 1 || undefined)
  const calls = inputs.map((input) => pool.client.run(input, {}))
  await release()
  assert.deepEqual(await Promise.all(calls), inputs)
  assert.equal(sizes[0], 8)
  assert.ok(sizes.length <= 5, `${sizes.join()} are too many batches for 20 inputs`)
})

test('an Error in the outputs fails its input alone', async (t) => {
  const pool = createPool(t)
  pool.host({
    batch: {
      max: 4,
      run: (inputs) => inputs.map((input) => (input === 'bad' ? new RangeError('bad one') : input)),
    },
  })
  const calls = ['a', 'bad', 'b'].map((input) => pool.client.run(input, {}))
  assert.deepEqual(await endsOf(calls), { ok: 2, TASK_FAILED: 1 })
})

const wrong: readonly (readonly [outputs: unknown, message: RegExp])[] = [
  [[1, 2, 3], /returned 3 outputs for 1 inputs: expected an array/],
  [undefined, /returned no array but undefined for 1 inputs/],
]

test('outputs that are not as many as the inputs fail all, with what was expected', async (t) => {
  for (const [outputs, message] of wrong) {
    const pool = createPool(t)
    const definition = { batch: { max: 4, run: () => outputs } } as unknown as AnyDefinition // a mistake
    pool.host(definition)
    await assert.rejects(pool.client.run('x', {}), { code: 'TASK_FAILED', message })
  }
})

test('a batch that throws fails all of its inputs', async (t) => {
  const pool = createPool(t)
  const release = blocked(pool, () => {
    throw new Error('of the model')
  })
  await eventually('the first batch', () => pool.statistics.running === 1 || undefined)
  const calls = Array.from({ length: 3 }, () => pool.client.run('x', {}))
  await release()
  assert.deepEqual(await endsOf(calls), { TASK_FAILED: 3 })
})

test('a batch gets the model, and the signal and the id of each call', async (t) => {
  const pool = createPool(t)
  const aborted = deferred<unknown>()
  const definition = defineTask({
    batch: {
      max: 4,
      async run(inputs: readonly unknown[], { model, signals, ids }) {
        assert.equal(model, undefined)
        assert.equal(ids.length, inputs.length)
        const [signal] = signals
        signal?.addEventListener('abort', () => aborted.resolve(signal.reason))
        await aborted.promise
        return [...inputs]
      },
    },
  })
  pool.host(definition as AnyDefinition)
  const abort = new AbortController()
  const call = endsOf([pool.client.run('x', { signal: abort.signal })])
  await eventually('the batch', () => pool.statistics.running === 1 || undefined)
  abort.abort(new Error('cancelled'))
  assert.deepEqual(await call, { cancelled: 1 })
  assert.match(String(await aborted.promise), /AbortError/)
})
