// A broker is kept running from the first use of the bus to the end of the server.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BrokerHandlers, BrokerStart } from '../../../../src/arbiter/bus/process.ts'
import { BusSupervisor } from '../../../../src/arbiter/bus/supervisor.ts'
import type { ArbiterEvent } from '../../../../src/arbiter/model/events.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

const identity = { uid: 1, gid: 2, initgroups: undefined, account: undefined }
const generation = { home: '/home/1', environment: () => ({ A: 'b' }), config: { identity } }

class World {
  readonly clock = new FakeClock()
  readonly events: ArbiterEvent[] = []
  readonly starts: BrokerStart[] = []
  readonly orders: string[] = []
  readonly supervisor: BusSupervisor
  #handlers: BrokerHandlers[] = []

  constructor() {
    this.supervisor = new BusSupervisor(generation, {
      version: '1.2.3',
      socket: { fd: 9, directory: '/tmp/bus' },
      clock: this.clock,
      random: () => 0,
      emit: (event) => void this.events.push(event),
      start: (start, handlers) => {
        this.starts.push(start)
        this.#handlers.push(handlers)
        const pid = 100 + this.starts.length
        return {
          pid,
          stop: () => void this.orders.push(`stop ${pid}`),
          kill: () => void this.orders.push(`kill ${pid}`),
        }
      },
    })
  }

  get broker(): BrokerHandlers {
    return this.#handlers.at(-1) ?? assert.fail('no broker')
  }
}

const figures = { published: 5, delivered: 20, dropped: 1, clients: 4, subscriptions: 6 }

test('nothing is started before a process uses the bus, and then one broker', () => {
  const { supervisor, starts } = new World()
  assert.deepEqual([starts.length, supervisor.figures()], [0, undefined])
  supervisor.want()
  supervisor.want()
  assert.deepEqual(starts, [
    {
      home: '/home/1',
      environment: { A: 'b' },
      fd: 9,
      order: { version: '1.2.3', identity, directory: '/tmp/bus' },
    },
  ])
  assert.equal(supervisor.figures()?.published, 0)
})

test('one that is killed is replaced at once, with one record, from the present release', () => {
  const world = new World()
  world.supervisor.want()
  const { supervisor, broker, events, clock, starts } = world
  broker.onReport({ type: 'serving' })
  broker.onReport({ type: 'figures', figures })
  clock.advance(5000)
  supervisor.follow({ ...generation, home: '/home/2' })
  broker.onEnd('was ended by SIGKILL')
  assert.deepEqual(events, [{ type: 'bus_ended', pid: 101, how: 'was ended by SIGKILL', retryIn: 0 }])
  clock.advance(0)
  assert.deepEqual(
    starts.map(({ home }) => home),
    ['/home/1', '/home/2'],
  )
  world.broker.onReport({ type: 'figures', figures: { ...figures, clients: 3 } })
  assert.deepEqual(supervisor.figures(), {
    published: 10,
    delivered: 40,
    dropped: 2,
    clients: 3,
    subscriptions: 6,
    restarts: 1,
  })
})

test('one that cannot run is tried again after growing pauses', () => {
  const world = new World()
  world.supervisor.want()
  for (const pause of [250, 250, 500, 1000, 2000]) {
    const before = world.starts.length
    world.broker.onEnd('has ended with exit code 1')
    world.clock.advance(pause - 1)
    assert.equal(world.starts.length, before, `${pause}`)
    world.clock.advance(1)
    assert.equal(world.starts.length, before + 1, `${pause}`)
  }
})

test('dropped messages are an event', () => {
  const world = new World()
  world.supervisor.want()
  const { broker, events } = world
  broker.onReport({ type: 'dropped', pid: 7, name: 'worker 2', messages: 30 })
  assert.deepEqual(events, [{ type: 'bus_dropped', pid: 7, name: 'worker 2', messages: 30 }])
})

test('the stop waits for the broker to hand over, and kills one that does not', async () => {
  await new World().supervisor.stop()
  const world = new World()
  world.supervisor.want()
  const stopped = world.supervisor.stop()
  assert.deepEqual(world.orders, ['stop 101'])
  world.broker.onEnd('has ended with exit code 0')
  await stopped
  world.clock.advance(100_000)
  assert.deepEqual([world.orders, world.events, world.starts.length], [['stop 101'], [], 1])
})

test('no broker is started after the stop', async () => {
  const world = new World()
  world.supervisor.want()
  world.broker.onEnd('has ended with exit code 1')
  await world.supervisor.stop()
  world.clock.advance(100_000)
  assert.equal(world.starts.length, 1)
})
