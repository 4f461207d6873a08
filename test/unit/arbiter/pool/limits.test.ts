// When a worker is due to be replaced: the limits it gets, and what its beats say of them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  drawLimits,
  dueAfter,
  isBornTooLarge,
  type LimitSettings,
} from '../../../../src/arbiter/pool/limits.ts'
import { noLimits, type WorkerLimits } from '../../../../src/arbiter/model/limits.ts'
import type { WorkerLoad } from '../../../../src/arbiter/model/worker-record.ts'
import { worker } from '../records.ts'

const off = { max_requests: 0, max_requests_jitter: 0, max_memory: null, max_memory_jitter: 0 }
const whole = (): number => 1000
const load = (changes: Partial<WorkerLoad>): WorkerLoad => ({
  ...worker().load,
  rss: 50,
  heapUsed: 10,
  heapLimit: 100,
  ...changes,
})

function draw(settings: LimitSettings['settings'], random: number, timeout = 0): WorkerLimits {
  return drawLimits({ settings, durations: { timeout } }, { memoryLimit: whole, random: () => random })
}

test('a worker has no limit that is not set, also with a jitter alone', () => {
  assert.deepEqual(draw({ ...off, max_requests_jitter: 9, max_memory_jitter: 9 }, 0.5), noLimits)
})

test('the jitter adds from nothing to the whole of it', () => {
  const settings = { max_requests: 100, max_requests_jitter: 10, max_memory: 200, max_memory_jitter: 20 }
  assert.deepEqual(draw(settings, 0), { requests: 100, memory: 200, silence: Infinity })
  assert.deepEqual(draw(settings, 0.999), { requests: 110, memory: 219, silence: Infinity })
})

test('a percentage is of the whole, for the jitter too', () => {
  const settings = { ...off, max_memory: '12.5%', max_memory_jitter: '10%' }
  assert.deepEqual(draw(settings, 0.5), { requests: Infinity, memory: 175, silence: Infinity })
})

test('timeout is the silence that a worker may have, and 0 is no limit', () => {
  assert.equal(draw(off, 0, 1500).silence, 1500)
  assert.equal(draw(off, 0, 0).silence, Infinity)
})

test(
  'a worker is due with the request and the byte that reach its limit, and stays due for the first ' +
    'reason',
  () => {
    const limited = worker({ limits: { ...noLimits, requests: 100, memory: 1000 } })
    assert.equal(dueAfter(limited, load({ requests: 99, rss: 999 }), 5), null)
    assert.deepEqual(dueAfter(limited, load({ requests: 100 }), 5), { reason: 'max_requests', since: 5 })
    const due = dueAfter(limited, load({ rss: 1000 }), 6)
    assert.deepEqual(due, { reason: 'max_memory', since: 6 })
    assert.equal(dueAfter({ ...limited, due }, load({ requests: 100, rss: 1 }), 9), due)
  },
)

test('a heap is full when two beats in a row say that 90 % of it are in use', () => {
  const full = load({ heapUsed: 91 })
  assert.equal(dueAfter(worker(), full, 5), null)
  assert.deepEqual(dueAfter(worker({ load: full }), full, 5), { reason: 'heap', since: 5 })
  assert.equal(dueAfter(worker({ load: full }), load({ heapUsed: 90 }), 5), null)
})

test(
  'a worker that is over max_memory with its first beat is not due: its replacement would be no ' + 'better',
  () => {
    const limited = worker({ limits: { ...noLimits, memory: 40 } })
    assert.equal(isBornTooLarge(limited, load({})), true)
    assert.equal(isBornTooLarge({ ...limited, load: load({ rss: 39 }) }, load({})), false)
  },
)
