// What `bus` does in a process, over a transport that the test plays.

import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { test } from 'node:test'
import { BusClient } from '../../../../src/bus/client/client.ts'
import type { Transport, TransportHandlers } from '../../../../src/bus/client/transport.ts'
import { limits } from '../../../../src/bus/model/limits.ts'
import { BusError } from '../../../../src/bus/model/bus-error.ts'
import { decode, decodeThrown, encode, encodeThrown } from '../../../../src/bus/wire/payload.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

class World {
  readonly clock = new FakeClock()
  readonly sent: unknown[] = []
  readonly failures: string[] = []
  drops = 0
  readonly client: BusClient
  #handlers: TransportHandlers | undefined

  constructor() {
    const transport: Transport = {
      publish: (topic, payload) => void this.sent.push(['publish', topic, decode(payload)]),
      request: (topic, payload, id) => void this.sent.push(['request', topic, decode(payload), id]),
      subscribe: (topic) => void this.sent.push(['subscribe', topic]),
      unsubscribe: (topic) => void this.sent.push(['unsubscribe', topic]),
      synced: () => Promise.resolve(),
      countDropped: () => undefined,
      flush: () => void this.sent.push(['flush']),
    }
    this.client = new BusClient({
      clock: this.clock,
      open: (handlers) => {
        this.#handlers = handlers
        return transport
      },
      reports: {
        onFailure: (topic, error) => void this.failures.push(`${topic}: ${String(error)}`),
        onDrop: () => (this.drops += 1),
      },
    })
  }

  get handlers(): TransportHandlers {
    return this.#handlers ?? assert.fail('no transport')
  }

  receive(topic: string, data: unknown): void {
    this.handlers.onMessage(topic, encode(data))
  }

  /** Resolves with what becomes of the request. */
  ask(topic: string, data: unknown): Promise<unknown> {
    return new Promise((resolve) => {
      this.handlers.onRequest({
        topic,
        payload: encode(data),
        reply: (payload) => resolve(decode(payload)),
        fail: (error) => resolve(decodeThrown(error)),
        refuse: resolve,
      })
    })
  }
}

const none = {}

test('the first subscription of a topic is sent, and the end of the last one', () => {
  const { client, sent } = new World()
  const [one, two] = [client.subscribe('a.*', () => 0, none), client.subscribe('a.*', () => 0, none)]
  one.unsubscribe()
  one.unsubscribe()
  client.subscribe('b', () => 0, none)
  two.unsubscribe()
  assert.deepEqual(sent, [
    ['subscribe', 'a.*'],
    ['subscribe', 'b'],
    ['unsubscribe', 'a.*'],
  ])
})

test('each handler gets a copy of its own with the topic, and none after unsubscribe', () => {
  const world = new World()
  const got: unknown[] = []
  const copies: object[] = []
  const keep = (data: unknown, message: object): void => {
    got.push(message)
    if (typeof data === 'object' && data !== null) copies.push(data)
  }
  world.client.subscribe('a.*', keep, none)
  const { unsubscribe } = world.client.subscribe('a.b', keep, none)
  world.receive('a.b', { x: 1 })
  assert.deepEqual(got, [
    { topic: 'a.b', isRequest: false },
    { topic: 'a.b', isRequest: false },
  ])
  assert.deepEqual(copies[0], copies[1])
  assert.notEqual(copies[0], copies[1])
  unsubscribe()
  world.receive('a.b', { x: 2 })
  assert.equal(got.length, 3)
})

test('a handler that throws, or rejects, is reported, and the others get the message', async () => {
  const world = new World()
  let others = 0
  world.client.subscribe(
    'a',
    () => {
      throw new Error('one')
    },
    none,
  )
  world.client.subscribe('a', () => Promise.reject(new Error('two')), none)
  world.client.subscribe('a', () => (others += 1), none)
  world.receive('a', 1)
  await world.clock.pass(0)
  world.receive('a', 2)
  await world.clock.pass(0)
  assert.deepEqual(world.failures, ['a: Error: one', 'a: Error: two', 'a: Error: one', 'a: Error: two'])
  assert.equal(others, 2)
})

test('a handler that returns promises gets the next message when they settle, as many as its concurrency', async () => {
  for (const concurrency of [1, 3]) {
    const world = new World()
    const begun: unknown[] = []
    const ends: (() => void)[] = []
    const handler = (data: unknown): Promise<void> => {
      begun.push(data)
      return new Promise((resolve) => void ends.push(resolve))
    }
    world.client.subscribe('a', handler, { concurrency })
    for (let nr = 0; nr < 10; nr += 1) world.receive('a', nr)
    assert.equal(begun.length, concurrency)
    for (let nr = 0; nr < 10; nr += 1) {
      ends[nr]?.()
      await world.clock.pass(0)
    }
    assert.deepEqual(begun, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  }
})

test('while a handler never settles, the oldest messages for it are dropped and others go on', () => {
  const world = new World()
  let others = 0
  world.client.subscribe('a', () => new Promise(() => undefined), none)
  world.client.subscribe('a', () => (others += 1), none)
  const data = 'x'.repeat(10_000)
  for (let nr = 0; nr < 200; nr += 1) world.receive('a', data)
  assert.equal(others, 200)
  assert.ok(
    world.drops > 90 && world.drops < 100,
    `${world.drops} of 199, of which ${limits.perSubscription} bytes wait`,
  )
})

test('a handler runs in the context of its subscription', () => {
  const world = new World()
  const storage = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  storage.run('subscribed', () => world.client.subscribe('a', () => seen.push(storage.getStore()), none))
  storage.run('arrived', () => world.receive('a', 1))
  assert.deepEqual(seen, ['subscribed'])
})

test('a request is replied to by the one with exactly its topic, and by the first of several', async () => {
  const world = new World()
  world.client.subscribe('a.*', () => 'wildcard', none)
  world.client.subscribe('a.b', async (data, { isRequest }) => Promise.resolve([data, isRequest]), none)
  world.client.subscribe('a.b', () => 'second', none)
  assert.deepEqual(await world.ask('a.b', 7), [7, true])
  assert.equal(await world.ask('a.c', 7), 'wildcard')
  assert.equal(await world.ask('other', 7), 'unheard')
})

test('an error of a handler is the reply, also for a reply that cannot be cloned', async () => {
  const world = new World()
  world.client.subscribe(
    'a',
    () => {
      throw Object.assign(new RangeError('no'), { code: 'ENO' })
    },
    none,
  )
  world.client.subscribe('b', () => () => 1, none)
  const error = (await world.ask('a', 1)) as Error & { code: string }
  assert.deepEqual([error.name, error.message, error.code], ['RangeError', 'no', 'ENO'])
  assert.match(String(await world.ask('b', 1)), /TypeError: the reply is a function, which cannot be sent/)
  assert.deepEqual(world.failures, [])
})

test('of more requests than one subscription may have open the last ones are refused', async () => {
  const world = new World()
  let finish: () => void = () => undefined
  const held = new Promise<void>((resolve) => (finish = resolve))
  world.client.subscribe('a', () => held, none)
  const asked = Array.from({ length: limits.openRequests + 1 }, () => world.ask('a', 1))
  assert.equal(await asked.at(-1), 'busy')
  finish()
  await Promise.all(asked)
  assert.equal(await world.ask('a', 1), undefined)
})

test('a request resolves with the reply, or rejects with the error of the handler and the place of the call', async () => {
  const { client, handlers, sent } = new World()
  const one = client.request('who', { q: 1 }, none)
  const two = client.request('who', 2, none)
  assert.deepEqual(sent, [
    ['request', 'who', { q: 1 }, 1],
    ['request', 'who', 2, 2],
  ])
  handlers.onFailure(2, encodeThrown(Object.assign(new RangeError('bad'), { code: 'EBAD' })))
  handlers.onReply(1, encode([1n]))
  handlers.onReply(1, encode('late'))
  assert.deepEqual(await one, [1n])
  await assert.rejects(two, { name: 'RangeError', message: 'bad', code: 'EBAD', stack: /client\.test\.ts/ })
})

test('a request without a reply fails with its code: timeout, no subscriber, lost, busy', async () => {
  const { client, handlers, clock } = new World()
  const ask = (timeout?: number): Promise<unknown> => client.request('who', 1, { timeout })
  const codes = Promise.all(
    [ask(10), ask(), ask(), ask(), ask(), ask()].map((request) =>
      request.then(
        () => assert.fail('a reply'),
        (error: unknown) =>
          error instanceof BusError ? `${error.code} ${error.topic}` : assert.fail(String(error)),
      ),
    ),
  )
  handlers.onNoReply(2, 'unheard')
  handlers.onNoReply(3, 'lost')
  handlers.onNoReply(4, 'busy')
  clock.advance(10)
  clock.advance(4989)
  handlers.onNoReply(99, 'lost')
  clock.advance(1)
  assert.deepEqual(
    await codes,
    ['TIMEOUT', 'NO_SUBSCRIBER', 'LOST', 'BUSY', 'TIMEOUT', 'TIMEOUT'].map((code) => `BUS_${code} who`),
  )
  const lost = ask()
  handlers.onLost()
  await assert.rejects(lost, { code: 'BUS_LOST', stack: /client\.test\.ts/ })
})

test('a signal ends the wait with its reason', async () => {
  const { client, handlers, sent } = new World()
  const aborted = AbortSignal.abort(new Error('before'))
  await assert.rejects(client.request('who', 1, { signal: aborted }), /before/)
  assert.deepEqual(sent, [])
  const controller = new AbortController()
  const waiting = client.request('who', 1, { signal: controller.signal })
  controller.abort(new Error('meanwhile'))
  await assert.rejects(waiting, /meanwhile/)
  handlers.onReply(1, encode('late'))
})

test('what cannot be sent is refused where it is called', async () => {
  const { client, sent } = new World()
  assert.throws(() => client.publish('a.*', 1), TypeError)
  assert.throws(() => client.publish('a', () => 1), /data is a function/)
  assert.throws(() => client.subscribe('a*', () => 1, none), TypeError)
  assert.throws(() => client.subscribe('a', 1 as unknown as () => void, none), /not a function/)
  assert.throws(() => client.subscribe('a', () => 1, { concurrency: 0 }), RangeError)
  await assert.rejects(client.request('', 1, none), TypeError)
  await assert.rejects(client.request('a', 1, { timeout: 0 }), /timeout of a request is 0/)
  assert.deepEqual(sent, [])
  client.publish('a', undefined)
  client.flush()
  assert.deepEqual(sent, [['publish', 'a', undefined], ['flush']])
})
