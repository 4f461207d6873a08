// A process and its broker: what is sent when, and what happens while there is none.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConnectionHandlers } from '../../../../../src/bus/client/local/connection.ts'
import { LocalTransport } from '../../../../../src/bus/client/local/local-transport.ts'
import type { IncomingRequest } from '../../../../../src/bus/client/transport.ts'
import { limits } from '../../../../../src/bus/model/limits.ts'
import { FrameSplitter } from '../../../../../src/bus/wire/frame-splitter.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'
import { bytesOf, framesIn, type ReadFrame, type WrittenFrame } from '../../broker/wires.ts'

/** A connection of which the test is the broker. */
class FakeConnection {
  isIdle = false
  readonly written: Buffer[] = []
  readonly handlers: ConnectionHandlers

  constructor(handlers: ConnectionHandlers) {
    this.handlers = handlers
  }

  write(bytes: Buffer): void {
    this.written.push(Buffer.from(bytes))
  }

  open(): readonly ReadFrame[] {
    const greeting = framesIn(this.handlers.greeting())
    this.isIdle = true
    this.handlers.onOpen()
    return greeting
  }

  close(handedOver = false, wasOpen = this.isIdle): void {
    this.isIdle = false
    this.handlers.onClose({ wasOpen, handedOver })
  }

  receive(...frames: readonly WrittenFrame[]): void {
    new FrameSplitter(this.handlers.onFrame).push(bytesOf(...frames))
  }

  read(): readonly string[] {
    return this.written
      .splice(0)
      .flatMap((bytes) => framesIn(bytes))
      .map(({ kind, topic, text, id }) => [kind, topic, text, ...(id === 0 ? [] : [id])].join(' ').trim())
  }
}

class World {
  readonly clock = new FakeClock()
  readonly connections: FakeConnection[] = []
  readonly events: string[] = []
  readonly requests: IncomingRequest[] = []
  readonly dropped: number[] = []
  readonly transport: LocalTransport
  #later: (() => void)[] = []

  constructor(path = '/bus') {
    this.transport = new LocalTransport(
      {
        path,
        greeting: { pid: 7, name: 'worker 1' },
        clock: this.clock,
        connect: (_, handlers) => {
          const connection = new FakeConnection(handlers)
          this.connections.push(connection)
          return connection
        },
        later: (callback) => void this.#later.push(callback),
        onDropped: (messages) => void this.dropped.push(messages),
      },
      {
        onMessage: (topic, payload) => void this.events.push(`${topic} ${payload.toString()}`),
        onRequest: (request) => void this.requests.push(request),
        onReply: (id, payload) => void this.events.push(`reply ${id} ${payload.toString()}`),
        onFailure: (id, payload) => void this.events.push(`failure ${id} ${payload.toString()}`),
        onNoReply: (id, why) => void this.events.push(`${why} ${id}`),
        onLost: () => void this.events.push('lost'),
      },
    )
  }

  get last(): FakeConnection {
    return this.connections.at(-1) ?? assert.fail('no connection')
  }

  /** The end of a turn of the event loop. */
  turn(): void {
    for (const callback of this.#later.splice(0)) callback()
  }
}

const text = (value: string): Buffer => Buffer.from(value)

test('what is published before there is a broker is sent when there is one, after all topics', () => {
  const world = new World()
  world.transport.publish('a', text('1'))
  world.transport.subscribe('b')
  world.transport.publish('a', text('2'))
  world.turn()
  const greeting = world.last.open()
  assert.deepEqual(
    greeting.map(({ kind, topic }) => `${kind} ${topic}`.trim()),
    ['greeting', 'subscribe b', 'sync'],
  )
  assert.deepEqual(world.last.read(), [])
  world.turn()
  assert.deepEqual(world.last.read(), ['message a 1', 'message a 2'])
})

test('what one turn publishes is one write, and more waits while that is not done', () => {
  const world = new World()
  world.last.open()
  world.turn()
  for (const value of ['1', '2', '3']) world.transport.publish('a', text(value))
  world.turn()
  assert.equal(world.last.written.length, 1)
  world.last.read()
  world.last.isIdle = false
  world.transport.publish('a', text('4'))
  world.turn()
  assert.deepEqual(world.last.read(), [])
  world.last.isIdle = true
  world.last.handlers.onIdle()
  assert.deepEqual(world.last.read(), ['message a 4'])
})

test('without a broker the oldest messages are dropped beyond the limit, and reported once', () => {
  const world = new World()
  const payload = Buffer.alloc(100_000)
  const sent = 100
  for (let nr = 0; nr < sent; nr += 1) world.transport.publish(`t${nr}`, payload)
  world.clock.advance(1000)
  const [dropped = 0] = world.dropped
  assert.ok(dropped > 0 && (sent - dropped) * 100_000 < limits.outgoing)
  world.last.open()
  world.turn()
  for (let blocks = 0; blocks < sent; blocks += 1) world.last.handlers.onIdle()
  const frames = world.last.read()
  assert.equal(frames[0], `dropped   ${dropped}`)
  assert.equal(frames.length - 1, sent - dropped)
  assert.match(frames[1] ?? '', new RegExp(`^message t${dropped} `))
})

test('topics change between two writes: those that are back as they were are not sent', () => {
  const world = new World()
  world.transport.subscribe('a')
  world.last.open()
  world.turn()
  world.transport.unsubscribe('a')
  world.transport.subscribe('a')
  world.transport.subscribe('b')
  world.transport.subscribe('c')
  world.transport.unsubscribe('c')
  world.turn()
  assert.deepEqual(world.last.read(), ['subscribe b'])
  world.transport.unsubscribe('a')
  world.turn()
  assert.deepEqual(world.last.read(), ['unsubscribe a'])
})

test('ready resolves when the broker has confirmed all topics before it', async () => {
  const world = new World()
  world.last.open()
  world.transport.subscribe('a')
  let isReady = false
  const ready = world.transport.synced().then(() => (isReady = true))
  world.turn()
  assert.deepEqual(world.last.read(), ['subscribe a', 'sync   1'])
  await Promise.resolve()
  assert.equal(isReady, false)
  world.last.receive({ kind: 'sync', id: 1 })
  await ready
  world.last.close()
  const again = world.transport.synced()
  world.clock.advance(1000)
  world.last.open()
  await again
  await new World('').transport.synced()
})

test('after the end of a broker it connects again, with growing pauses, and the topics are sent again', () => {
  const world = new World()
  world.transport.subscribe('a')
  world.last.open()
  world.turn()
  world.last.close()
  assert.deepEqual(world.events, ['lost'])
  world.clock.advance(0)
  for (const [index, pause] of [10, 20, 40, 80, 160, 250, 250].entries()) {
    assert.equal(world.connections.length, index + 2)
    world.last.close(false, false)
    world.clock.advance(pause - 1)
    assert.equal(world.connections.length, index + 2)
    world.clock.advance(1)
  }
  assert.deepEqual(world.events, ['lost'])
  assert.deepEqual(
    world.last.open().map(({ kind, topic }) => `${kind} ${topic}`.trim()),
    ['greeting', 'subscribe a', 'sync'],
  )
})

test('a broker that hands over loses no request: the connection has the same number', () => {
  const world = new World()
  const [first] = world.last.open()
  world.last.close(true)
  world.clock.advance(0)
  const [second] = world.last.open()
  assert.deepEqual(world.events, [])
  assert.ok(first && first.connection > 0)
  assert.equal(second?.connection, first.connection)
})

test('messages, requests and their replies', () => {
  const world = new World()
  world.last.open()
  world.turn()
  world.transport.request('who', text('q'), 3)
  world.turn()
  assert.deepEqual(world.last.read(), ['request who q 3'])
  world.last.receive(
    { kind: 'message', topic: 'a', text: '1' },
    { kind: 'reply', id: 3, text: 'r' },
    { kind: 'failure', id: 4, text: 'e' },
    { kind: 'unheard', id: 5 },
    { kind: 'lost', id: 6 },
    { kind: 'busy', id: 7 },
  )
  assert.deepEqual(world.events, ['a 1', 'reply 3 r', 'failure 4 e', 'unheard 5', 'lost 6', 'busy 7'])
  world.last.receive(
    ...[1, 2, 3, 4].map((id) => ({ kind: 'request', topic: 'me', connection: 9, id }) as const),
  )
  const [one, two, three, four] = world.requests
  one?.reply(text('yes'))
  two?.fail(text('no'))
  three?.refuse('busy')
  four?.refuse('unheard')
  world.turn()
  const replies = world.last.written.flatMap((bytes) => framesIn(bytes))
  assert.deepEqual(
    replies.map(({ kind, connection, id, text: payload }) => [kind, connection, id, payload]),
    [
      ['reply', 9, 1, 'yes'],
      ['failure', 9, 2, 'no'],
      ['busy', 9, 3, ''],
      ['unheard', 9, 4, ''],
    ],
  )
})

test('at the exit all that waits is written at once', () => {
  const world = new World()
  world.last.open()
  world.turn()
  for (let nr = 0; nr < 10; nr += 1) world.transport.publish('a', Buffer.alloc(60_000))
  world.transport.flush()
  assert.equal(world.last.read().length, 10)
})
