// Where the code of a worker class of the user is called: the context of a request, what may not happen
// twice, and the end of the connections that it keeps.

import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { EventEmitter, once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { test } from 'node:test'
import type { WorkerDrain, WorkerService } from '../../../../src/serving/classes/definition.ts'
import { Extension } from '../../../../src/serving/classes/extension.ts'
import { Taken } from '../../../../src/serving/classes/taken.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

function extend(service: WorkerService, settle = (): void => undefined): Extension {
  return new Extension({ service, settle, limit: 2, report: assert.ifError })
}

/** A request and its response, with what is read of them. */
function exchange(): [IncomingMessage, ServerResponse] {
  const response = Object.assign(new EventEmitter(), { destroyed: false, writableEnded: false })
  return [{} as IncomingMessage, response as unknown as ServerResponse]
}

test('a class without a hook costs a request nothing', () => {
  assert.equal(extend({}).admit, undefined)
  assert.equal(extend({}).takesConnections, false)
  assert.equal(extend({ connection: () => false }).admit, undefined)
})

test('the app runs in the context of its own request, also when another one calls next()', () => {
  const storage = new AsyncLocalStorage<string>()
  const seen: (string | undefined)[] = []
  const queue: (() => unknown)[] = []
  const extension = extend({
    request(_, __, next) {
      if (storage.getStore() === 'first') return queue.push(next)
      for (const each of queue) each()
      return next()
    },
  })
  const handle = extension.admit?.(() => seen.push(storage.getStore()))
  storage.run('first', () => handle?.(...exchange()))
  storage.run('second', () => handle?.(...exchange()))
  assert.deepEqual(seen, ['first', 'second'])
})

test('next() works once, and not for a response that has ended', () => {
  let calls = 0
  let last: () => unknown = () => undefined
  const extension = extend({ request: (_, __, next) => void (last = next) })
  const handle = extension.admit?.(() => (calls += 1))
  handle?.(...exchange())
  last()
  last()
  assert.equal(calls, 1)
  const [request, response] = exchange()
  handle?.(request, response)
  Object.assign(response, { destroyed: true })
  assert.equal(last(), undefined)
  assert.equal(calls, 1)
})

test('a request that is emitted again goes to the app', () => {
  const events: string[] = []
  const extension = extend({ request: (_, __, next) => (events.push('class'), next()) })
  const [request, response] = exchange()
  const inner = extension.admit?.(() => events.push('app'))
  const outer = extension.admit?.((...both) => inner?.(...both))
  outer?.(request, response)
  assert.deepEqual(events, ['class', 'app'])
})

test('each begin and end of a request has the worker ask again whether it accepts', () => {
  let asked = 0
  const extension = extend({ mayAccept: () => true }, () => (asked += 1))
  const [request, response] = exchange()
  extension.admit?.(() => undefined)(request, response)
  assert.equal(asked, 1)
  response.emit('close')
  assert.equal(asked, 2)
})

test('it accepts when mayAccept() says so and it keeps fewer connections than it may, and in a drain', () => {
  let says = false
  const extension = extend({ mayAccept: () => says, connection: () => true })
  assert.equal(extension.isClosed, true)
  says = true
  assert.equal(extension.isClosed, false)
  const sockets = [new Socket(), new Socket()]
  for (const socket of sockets) assert.equal(extension.takes(socket, 'x'), true)
  assert.equal(extension.open, 2)
  assert.equal(extension.isClosed, true)
  says = false
  const roomy = extend({ mayAccept: () => says })
  roomy.beginDrain(1000)
  assert.equal(roomy.isClosed, false)
  for (const socket of sockets) socket.destroy()
})

test('a drain ends with the class and its last connection, and closes them when its time is over', async () => {
  const clock = new FakeClock()
  const drains: WorkerDrain[] = []
  const taken = new Taken(() => undefined, clock)
  const [first, second] = [new Socket(), new Socket()]
  taken.add(first, 'one')
  taken.add(second, 'two')
  const end = (drain: WorkerDrain): Promise<void> => (drains.push(drain), Promise.resolve())
  taken.beginDrain(5000, end)
  const ended = taken.endDrain()
  await once(first.destroy(), 'close')
  taken.beginDrain(1000, end) // a harder end
  assert.equal(drains.length, 1)
  assert.equal(drains[0]?.signal.aborted, false)
  clock.advance(1000)
  assert.deepEqual(await ended, ['a connection of two'])
  assert.ok(second.destroyed)
  assert.equal(drains[0]?.signal.aborted, true)
})

test('a drain without connections lasts as long as the class says', async () => {
  const clock = new FakeClock()
  const taken = new Taken(() => undefined, clock)
  let done: () => void = () => undefined
  taken.beginDrain(5000, () => new Promise<void>((resolve) => (done = resolve)))
  let isOver = false
  const ended = taken.endDrain().then((cut) => ((isOver = true), cut))
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(isOver, false)
  done()
  assert.deepEqual(await ended, [])
})
