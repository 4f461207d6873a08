// The order of services by `after`.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  mayStop,
  mustComeUp,
  serviceName,
  waitsForOldArbiter,
  waitsForOthers,
  type OrderedPool,
} from '../../../../src/arbiter/services/order.ts'
import type { ServicePlan } from '../../../../src/config/sources/service-plans.ts'
import type { WorkerRecord } from '../../../../src/arbiter/model/worker-record.ts'
import { worker } from '../records.ts'
import { servicePlan } from '../world/generations.ts'

type Workers = readonly WorkerRecord[]

const pool = (name: string, changes: Partial<ServicePlan> = {}, workers: Workers = []): OrderedPool => ({
  generation: { number: 2, ...(name !== 'web' && { service: servicePlan(name, changes) }) },
  workers,
})
const ready = worker({ generation: 2 })

test('a pool without a service is that of the app', () => {
  assert.deepEqual([serviceName(pool('web')), serviceName(pool('live'))], ['web', 'live'])
})

test('a service waits until each one that it needs has a ready process of the wanted generation', () => {
  const live = pool('live', { after: ['web', 'poller'] })
  const waits = (web: Workers, poller: Workers): boolean =>
    waitsForOthers(live, [pool('web', {}, web), pool('poller', {}, poller), live], false)
  assert.equal(waits([ready], [ready]), false)
  assert.equal(waits([ready], []), true)
  assert.equal(waits([], [ready]), true)
  assert.equal(waits([ready], [worker({ generation: 1 })]), true, 'the old one says nothing')
  assert.equal(waits([ready], [worker({ generation: 2, state: 'booting' })]), true)
  assert.equal(waitsForOthers(pool('live'), [pool('web'), live], false), false)
})

test('what the old arbiter of an upgrade still runs is waited for by its own program only', () => {
  const feed = pool('feed', { kind: 'command' })
  assert.equal(waitsForOldArbiter(feed, true), true)
  assert.equal(waitsForOldArbiter(feed, false), false)
  assert.equal(waitsForOldArbiter(pool('feed', { kind: 'command', stopsFirst: false }), true), false)
  assert.equal(waitsForOldArbiter(pool('poller'), true), false, 'it waits by itself')
  const live = pool('live', { after: ['feed'] })
  assert.equal(waitsForOthers(live, [feed, live], true), false)
  assert.equal(waitsForOthers(live, [feed, live], false), true)
})

test('a service may stop when no process is left that needs it', () => {
  const poller = pool('poller', {}, [ready])
  assert.equal(mayStop(poller, [poller, pool('live', { after: ['poller'] }, [ready])]), false)
  assert.equal(mayStop(poller, [poller, pool('live', { after: ['poller'] })]), true)
  assert.equal(mayStop(poller, [poller, pool('live', {}, [ready])]), true)
  const web = pool('web', {}, [ready])
  assert.equal(mayStop(web, [web, pool('live', { after: ['web'] }, [ready])]), false)
})

test('a program need not come up, unless it is critical or another service needs it', () => {
  const feed = pool('feed', { kind: 'command' })
  assert.equal(mustComeUp(feed, [feed]), false)
  assert.equal(mustComeUp(feed, [feed, pool('live', { after: ['feed'] })]), true)
  assert.equal(mustComeUp(pool('feed', { kind: 'command', critical: true }), []), true)
  for (const each of [pool('web'), pool('poller'), pool('live', { kind: 'app' })])
    assert.equal(mustComeUp(each, [each]), true)
})
