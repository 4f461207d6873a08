// What waits for a server of Redis or NATS, and what it replies.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  packReply,
  unpackReply,
  type Carrier,
  type CarrierHandlers,
  type Reply,
} from '../../../../../src/bus/client/remote/carrier.ts'
import { RemoteTransport } from '../../../../../src/bus/client/remote/remote-transport.ts'
import { limits } from '../../../../../src/bus/model/limits.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'

class World {
  readonly clock = new FakeClock()
  readonly sent: string[] = []
  readonly events: string[] = []
  readonly transport: RemoteTransport
  readonly flushes: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []
  reply: Reply | undefined | Error = { as: 'unheard' }
  #carrier: CarrierHandlers | undefined

  constructor() {
    const carrier: Carrier = {
      publish: (topic, payload) => void this.sent.push(`${topic} ${payload.length}`),
      flushed: () => new Promise<void>((resolve, reject) => void this.flushes.push({ resolve, reject })),
      request: (topic, _, timeout) => {
        this.sent.push(`request ${topic} ${timeout}`)
        return this.reply instanceof Error ? Promise.reject(this.reply) : Promise.resolve(this.reply)
      },
      subscribe: (pattern) => void this.sent.push(`subscribe ${pattern}`),
      unsubscribe: (pattern) => void this.sent.push(`unsubscribe ${pattern}`),
      synced: () => Promise.resolve(),
    }
    this.transport = new RemoteTransport(
      {
        clock: this.clock,
        later: (callback) => void this.clock.after(0, callback),
        open: (handlers) => {
          this.#carrier = handlers
          return carrier
        },
        onDropped: (messages) => void this.events.push(`dropped ${messages}`),
        onOutage: (reason) => void this.events.push(`outage ${reason}`),
        onRecovery: () => void this.events.push('recovery'),
      },
      {
        onMessage: () => undefined,
        onRequest: () => undefined,
        onReply: (id, payload) => void this.events.push(`reply ${id} ${payload.toString()}`),
        onFailure: (id, payload) => void this.events.push(`failure ${id} ${payload.toString()}`),
        onNoReply: (id, why) => void this.events.push(`${why} ${id}`),
        onLost: () => undefined,
      },
    )
  }

  get carrier(): CarrierHandlers {
    return this.#carrier ?? assert.fail('not open')
  }
}

test('what is published waits for the server, and for the end of what was sent before', async () => {
  const world = new World()
  world.transport.publish('a', Buffer.alloc(1))
  world.transport.publish('b', Buffer.alloc(2))
  await world.clock.pass(10)
  assert.deepEqual(world.sent, [])
  world.carrier.onUp()
  assert.deepEqual(world.sent, ['a 1', 'b 2'])
  world.transport.publish('c', Buffer.alloc(3))
  await world.clock.pass(10)
  assert.equal(world.sent.length, 2)
  world.flushes[0]?.resolve()
  await world.clock.pass(0)
  assert.deepEqual(world.sent, ['a 1', 'b 2', 'c 3'])
})

test('after a loss it goes on with what was not sent, and reports the outage once', async () => {
  const world = new World()
  world.carrier.onUp()
  world.transport.publish('a', Buffer.alloc(1))
  await world.clock.pass(0)
  world.carrier.onDown('gone')
  world.carrier.onDown('refused')
  world.flushes[0]?.reject(new Error('gone'))
  world.transport.publish('b', Buffer.alloc(1))
  await world.clock.pass(100)
  assert.deepEqual([world.sent, world.events], [['a 1'], ['outage gone']])
  world.carrier.onUp()
  assert.deepEqual(
    [world.sent, world.events],
    [
      ['a 1', 'b 1'],
      ['outage gone', 'recovery'],
    ],
  )
})

test('while there is no server the oldest messages are dropped beyond the limit', () => {
  const world = new World()
  for (let nr = 0; nr < 100; nr += 1) world.transport.publish('a', Buffer.alloc(100_000))
  world.clock.advance(1000)
  const kept = Math.floor(limits.outgoing / 100_019)
  assert.deepEqual(world.events, [`dropped ${100 - kept}`])
})

test('each reply of a request reaches its caller, and a loss is one', async () => {
  const world = new World()
  world.carrier.onUp()
  const replies: readonly (Reply | undefined | Error)[] = [
    { as: 'reply', payload: Buffer.from('yes') },
    { as: 'failure', payload: Buffer.from('no') },
    { as: 'unheard' },
    { as: 'busy' },
    new Error('gone'),
    undefined,
  ]
  for (const [id, reply] of replies.entries()) {
    world.reply = reply
    world.transport.request('who', Buffer.from('q'), id, 700 + id)
    await world.clock.pass(0)
    world.flushes.pop()?.resolve()
    await world.clock.pass(0)
  }
  assert.deepEqual(
    world.sent,
    replies.map((_, id) => `request who ${700 + id}`),
  )
  assert.deepEqual(world.events, ['reply 0 yes', 'failure 1 no', 'unheard 2', 'busy 3', 'lost 4'])
})

test('a reply is the bytes of its data, so that other programs can read and write it', () => {
  const replies: readonly Reply[] = [
    { as: 'reply', payload: Buffer.from('{"a":1}') },
    { as: 'reply', payload: Buffer.from([0xff, 0x0f, 0x30]) },
    { as: 'failure', payload: Buffer.from([0xff, 1]) },
    { as: 'unheard' },
    { as: 'busy' },
  ]
  for (const reply of replies) assert.deepEqual(unpackReply(packReply(reply)), reply)
  assert.equal(packReply({ as: 'reply', payload: Buffer.from('1') }).toString(), '1')
})
