// What the control socket makes of the events and of the snapshot of the arbiter.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ArbiterCommand } from '../../../src/arbiter/model/commands.ts'
import type { ArbiterEvent } from '../../../src/arbiter/model/events.ts'
import { serverBus } from '../../../src/arbiter/report/bus.ts'
import { narrate } from '../../../src/arbiter/report/narrate.ts'
import { Narration } from '../../../src/arbiter/report/narration.ts'
import { controlTarget, progressOf, statusOf } from '../../../src/control/arbiter-target.ts'
import { outcomeOf } from '../../../src/control/progress.ts'
import type { ServerProgress } from '../../../src/control/target.ts'
import { LogFeed } from '../../../src/logging/files/log-feed.ts'
import { ServerWorld, load, two } from '../arbiter/world/server-world.ts'

const endingOf = (event: ArbiterEvent): ServerProgress['ending'] =>
  progressOf({ ...narrate(event), event, identity: { event: event.type } }).ending

test('a client that waits for a reload gets the end of that one, not of another', () => {
  const taken = { taken: true, attempt: 2 } as const
  const endOf = (event: ArbiterEvent): unknown => {
    const ending = endingOf(event)
    return ending && outcomeOf({ type: 'reload' }, taken, ending)
  }
  assert.equal(endOf({ type: 'reloaded', attempt: 1, generation: 2, took: 1 }), undefined)
  assert.deepEqual(endOf({ type: 'reloaded', attempt: 2, generation: 3, took: 1 }), { done: true })
  assert.deepEqual(endOf({ type: 'reload_failed', attempt: 2, reason: 'wrong' }), {
    done: false,
    reason: 'wrong',
  })
  assert.equal(endOf({ type: 'upgraded', pid: 7 }), undefined)
  assert.deepEqual(endOf({ type: 'stopping', mode: 'quick', delay: 0 }), {
    done: false,
    reason: 'the server is stopping',
  })
  assert.equal(endOf({ type: 'logs_reopened' }), undefined)
})

test('a client that waits for an upgrade or the stop gets its end', () => {
  const endOf = (type: 'upgrade' | 'stop', event: ArbiterEvent): unknown => {
    const ending = endingOf(event)
    return ending && outcomeOf(type === 'stop' ? { type, mode: 'quick' } : { type }, { taken: true }, ending)
  }
  assert.deepEqual(endOf('upgrade', { type: 'upgraded', pid: 7 }), { done: true })
  assert.deepEqual(endOf('upgrade', { type: 'upgrade_failed', reason: 'no' }), { done: false, reason: 'no' })
  assert.equal(endOf('upgrade', { type: 'reloaded', attempt: 1, generation: 2, took: 1 }), undefined)
  assert.equal(endOf('stop', { type: 'stopping', mode: 'quick', delay: 0 }), undefined)
  assert.deepEqual(endOf('stop', { type: 'stopped' }), { done: true })
})

test('the status sums up the workers, those that have exited included', async () => {
  const world = await ServerWorld.serving({ settings: two })
  const [first, second] = world.ready()
  assert.ok(first && second)
  await world.says(first, { type: 'beat', ...load, requests: 5, busy: 2, connections: 3, overdue: 1 })
  await world.says(second, { type: 'beat', ...load, requests: 7, busy: 1, connections: 1 })
  await world.dies(second, { code: 1 })
  const status = statusOf(world.arbiter.snapshot())
  assert.deepEqual(status.requests, { answered: 12, busy: 2, overdue: 1 })
  assert.deepEqual([status.connections, status.state, status.generation], [3, 'serving', 1])
  assert.deepEqual(status.workers, { wanted: 2, ready: 1 })
  assert.equal(status.config, '/srv/server.config.js')
})

test(
  'an order is reported and put into the queue; a subscription gets each event as a ' + 'sentence',
  async () => {
    const bus = serverBus(process.stderr)
    const world = await ServerWorld.serving()
    const commands: ArbiterCommand[] = []
    const target = controlTarget({
      snapshot: () => world.arbiter.snapshot(),
      narration: new Narration(bus, { now: () => 0 }),
      commands: { put: (command) => void commands.push(command) },
      emit: bus.emit,
      feed: new LogFeed(),
    })
    const got: string[] = []
    const unsubscribe = target.subscribe(({ level, msg }) => got.push(`${level}: ${msg}`))
    target.order({ type: 'reload' }, () => undefined)
    unsubscribe()
    bus.emit({ type: 'stopped' })
    assert.deepEqual(got, ['info: got the order reload over the control socket'])
    assert.deepEqual(
      commands.map((command) => command.type === 'order' && command.order.type),
      ['reload'],
    )
    assert.equal(target.workers().length, 1)
    assert.equal(target.status().version, '1.2.3')
  },
)
