// How far a stop has come.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drainDelay, StopSteps } from '../../../../src/arbiter/stop/steps.ts'

test('a stop is announced once; a quick one overtakes a graceful one and a hook that hangs', () => {
  const graceful = new StopSteps()
  assert.deepEqual([graceful.mode, graceful.isOrdered], [undefined, false])
  assert.equal(graceful.request('graceful'), 'announce')
  assert.equal(graceful.request('graceful'), 'nothing')
  graceful.order()
  assert.equal(graceful.request('quick'), 'order')
  assert.equal(graceful.mode, 'quick')
  assert.equal(graceful.request('quick'), 'nothing')
  assert.equal(graceful.request('graceful'), 'nothing')
  const quick = new StopSteps()
  assert.equal(quick.request('quick'), 'announce')
  assert.equal(quick.request('graceful'), 'nothing', 'a quick stop stays quick')
  assert.equal(quick.request('quick'), 'order', 'on_stopping is not waited for twice')
})

test(
  'drain_delay delays the order to the workers, not for a quick stop and not where no worker ' + 'serves',
  () => {
    const stopping = new StopSteps()
    stopping.request('graceful')
    stopping.delay(5000)
    assert.equal(stopping.orderAt, Infinity, 'on_stopping runs')
    stopping.announced()
    assert.equal(stopping.orderAt, 5000)
    assert.equal(stopping.request('graceful'), 'nothing')
    assert.equal(stopping.request('quick'), 'order')
    stopping.order()
    assert.equal(stopping.orderAt, Infinity)
    const ready = [{ state: 'booting' }, { state: 'ready' }]
    assert.equal(drainDelay({ mode: 'graceful', drain_delay: 2000, workers: ready }), 2000)
    assert.equal(drainDelay({ mode: 'quick', drain_delay: 2000, workers: ready }), 0)
    assert.equal(drainDelay({ mode: 'graceful', drain_delay: 2000, workers: [{ state: 'booting' }] }), 0)
  },
)
