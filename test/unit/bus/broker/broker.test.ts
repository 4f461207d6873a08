// What the broker does with each frame.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Broker } from '../../../../src/bus/broker/broker.ts'
import type { Client } from '../../../../src/bus/broker/client.ts'
import { limits } from '../../../../src/bus/model/limits.ts'
import { BadFrame, FrameSplitter } from '../../../../src/bus/wire/frame-splitter.ts'
import { bytesOf, framesIn, greeting, type ReadFrame, type WrittenFrame } from './wires.ts'

class World {
  readonly drops: string[] = []
  readonly broker: Broker

  constructor(isOpen = true) {
    this.broker = new Broker({ onDrop: ({ greeting: { name } }) => void this.drops.push(name), isOpen })
  }

  /** A client that has greeted and subscribed. */
  client(id: number, ...topics: readonly string[]): Client {
    const client = this.broker.connect({ wake: () => undefined })
    const subscriptions = topics.map((topic) => ({ kind: 'subscribe', topic }) as const)
    this.send(client, greeting(id), ...subscriptions, { kind: 'sync', id: 0 })
    received(client)
    return client
  }

  send(client: Client, ...frames: readonly WrittenFrame[]): void {
    const splitter = new FrameSplitter((bytes, start, end) => this.broker.take(client, bytes, start, end))
    splitter.push(bytesOf(...frames))
    this.broker.endOfChunk()
  }
}

function received(client: Client): readonly ReadFrame[] {
  const frames: ReadFrame[] = []
  for (let block = client.take(); block; block = client.take()) frames.push(...framesIn(block))
  return frames
}

const shown = (client: Client): readonly string[] =>
  received(client).map(({ kind, topic, text }) => `${kind} ${topic} ${text}`.trim())
const message = (topic: string, text: string): WrittenFrame => ({ kind: 'message', topic, text })

test('a message goes to each process that has subscribed, once, also to its sender, in order', () => {
  const world = new World()
  const [one, two, three] = [
    world.client(1, 'a.b', 'a.*', '>'),
    world.client(2, 'a.*'),
    world.client(3, 'other'),
  ]
  world.send(one, message('a.b', '1'), message('a.b', '2'), message('x', '3'), message('a.c', '4'))
  assert.deepEqual(shown(one), ['message a.b 1', 'message a.b 2', 'message x 3', 'message a.c 4'])
  assert.deepEqual(shown(two), ['message a.b 1', 'message a.b 2', 'message a.c 4'])
  assert.deepEqual(shown(three), [])
  assert.deepEqual(world.broker.figures(), {
    published: 4,
    delivered: 7,
    dropped: 0,
    clients: 3,
    subscriptions: 5,
  })
})

test('a subscription has its effect between two messages of the same client, also the end of one', () => {
  const world = new World()
  const client = world.client(1)
  world.send(
    client,
    message('a', '1'),
    { kind: 'subscribe', topic: 'a' },
    message('a', '2'),
    { kind: 'unsubscribe', topic: 'a' },
    message('a', '3'),
    { kind: 'sync', id: 9 },
  )
  assert.deepEqual(
    received(client).map(({ kind, text, id }) => [kind, text, id]),
    [
      ['message', '2', 0],
      ['sync', '', 9],
    ],
  )
})

test('topics outside of ASCII match as any other', () => {
  const world = new World()
  const client = world.client(1, 'größe.*')
  world.send(client, message('größe.ok', '1'))
  assert.deepEqual(shown(client), ['message größe.ok 1'])
})

test('a request goes to one subscriber in turn, and its reply to the one that has asked', () => {
  const world = new World()
  const asker = world.client(1)
  const handlers = [world.client(2, 'who'), world.client(3, 'who')]
  const logger = world.client(4, '>')
  const served = [7, 8, 9, 10].map((id) => {
    world.send(asker, { kind: 'request', topic: 'who', id, text: 'q', connection: 99 })
    const [found, ...others] = handlers
      .map((handler) => received(handler))
      .flatMap((frames, index) => frames.map((frame) => ({ ...frame, index })))
    assert.ok(found)
    assert.equal(others.length, 0)
    assert.deepEqual([found.kind, found.id, found.connection, found.text], ['request', id, 1, 'q'])
    world.send(handlers[found.index] ?? assert.fail(), { kind: 'reply', connection: 1, id, text: 'r' })
    return found.index
  })
  assert.deepEqual([...served].sort(), [0, 0, 1, 1])
  assert.deepEqual(
    received(asker).map(({ kind, id, text }) => [kind, id, text]),
    [7, 8, 9, 10].map((id) => ['reply', id, 'r']),
  )
  assert.deepEqual(received(logger), [])
})

test('of several subscribers that one gets a request for which the least waits', () => {
  const world = new World()
  const asker = world.client(1)
  const [slow, quick] = [world.client(2, 'who', 'a'), world.client(3, 'who')]
  world.send(asker, message('a', 'waits'))
  for (let id = 1; id <= 4; id += 1) {
    world.send(asker, { kind: 'request', topic: 'who', id })
    assert.deepEqual(shown(quick), ['request who'])
  }
  assert.deepEqual(shown(slow), ['message a waits'])
})

test('a request without a subscriber is returned, and one of a process that ends is lost', () => {
  const world = new World()
  const asker = world.client(1)
  world.send(asker, { kind: 'request', topic: 'who', id: 5 })
  assert.deepEqual(shown(asker), ['unheard'])
  const handler = world.client(2, 'wh*', 'who')
  world.send(asker, { kind: 'request', topic: 'who', id: 6 }, { kind: 'request', topic: 'who', id: 7 })
  world.send(handler, { kind: 'busy', connection: 1, id: 6 })
  world.broker.close(handler)
  assert.deepEqual(
    received(asker).map(({ kind, id }) => [kind, id]),
    [
      ['busy', 6],
      ['lost', 7],
    ],
  )
  world.send(asker, { kind: 'request', topic: 'who', id: 8 })
  assert.deepEqual(shown(asker), ['unheard'])
})

test('for a process that does not read the oldest messages are dropped, and others get all', () => {
  const world = new World()
  const [publisher, stuck, quick] = [world.client(1), world.client(2, 'a'), world.client(3, 'a')]
  const text = 'x'.repeat(100_000)
  const sent = 100
  let read = 0
  for (let id = 0; id < sent; id += 1) {
    world.send(publisher, { kind: 'message', topic: 'a', id, text })
    read += received(quick).length
  }
  const kept = received(stuck)
  assert.equal(read, sent)
  assert.ok(kept.length >= Math.floor(limits.perSubscriber / 100_100) && kept.length < sent)
  assert.deepEqual(
    kept.map(({ id }) => id),
    Array.from({ length: kept.length }, (_, index) => sent - kept.length + index),
  )
  assert.equal(world.broker.figures().dropped, sent - kept.length)
  assert.deepEqual(new Set(world.drops), new Set(['worker 2']))
  world.send(quick, { kind: 'dropped', id: 4 })
  assert.equal(world.broker.figures().dropped, sent - kept.length + 4)
})

test('clients that come back are welcome when the broker opens', () => {
  const world = new World(false)
  const client = world.client(1, 'a')
  assert.deepEqual(received(client), [])
  world.broker.open()
  assert.deepEqual(shown(client), ['sync'])
  assert.deepEqual(shown(world.client(2)), [])
})

test('a client that connects again has the place of its connection before', () => {
  const world = new World()
  const [asker, before] = [world.client(1), world.client(2, 'who')]
  const after = world.client(2, 'who')
  world.broker.close(before)
  world.send(asker, { kind: 'request', topic: 'who', id: 1 })
  world.send(after, { kind: 'request', topic: 'who', id: 2 })
  assert.equal(received(after).length, 2)
  world.send(after, { kind: 'reply', connection: 2, id: 2 })
  assert.deepEqual(shown(after), ['reply'])
})

test('what is no client of this version is refused', () => {
  const world = new World()
  const stranger = world.broker.connect({ wake: () => undefined })
  assert.throws(() => world.send(stranger, { kind: 'subscribe', topic: 'a' }), BadFrame)
  assert.throws(
    () => world.send(stranger, { kind: 'greeting', connection: 1, text: '{"version":2}' }),
    BadFrame,
  )
  assert.throws(() => world.send(stranger, { ...greeting(1), connection: -1 }), BadFrame)
  const client = world.client(5)
  assert.throws(() => world.send(client, greeting(6)), BadFrame)
  assert.throws(() => world.send(client, { kind: 'goodbye' }), BadFrame)
})
