// The rules of request_timeout: which request is ended, when, and in which order. The connections are real,
// the time is what the tests say it is.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import net from 'node:net'
import { Connections } from '../../../../src/serving/connections/table.ts'
import { leaveWaiting } from '../../../../src/serving/requests/give-up.ts'
import { RequestTimeouts } from '../../../../src/serving/requests/timeouts.ts'
import { get, listenFor, type Client } from '../http-client.ts'

const limit = 1000

interface Setup {
  readonly timeouts: RequestTimeouts
  readonly connections: Connections
  /** Path, duration and `503` or `closed` of each request that was reported, in their order. */
  readonly reported: string[]
  readonly time: { now: number }
  /** A client that has sent these requests. */
  ask(...paths: string[]): Promise<Client>
  response(path: string): ServerResponse
}

/** A server that sends no response by itself. */
async function setup(t: TestContext): Promise<Setup> {
  t.mock.timers.enable({ apis: ['setInterval'] }) // no check by the real clock
  const reported: string[] = []
  const connections = new Connections()
  const responses = new Map<string, ServerResponse>()
  const time = { now: 0 }
  const timeouts = new RequestTimeouts({
    limit,
    onTimeout: ({ url }, { duration, responded }) =>
      reported.push(`${url} ${duration} ${responded ? '503' : 'closed'}`),
  })
  const server = http.createServer((request, response) => {
    const stream = connections.begin(response, time.now)
    assert.ok(stream)
    timeouts.begin(stream, response, time.now)
    response.on('close', () => {
      const left = connections.finish(response, time.now)
      if (left) timeouts.finish(left, response, time.now)
    })
    responses.set(request.url ?? '', response)
  })
  const connect = await listenFor(t, (socket) => {
    connections.add(socket)
    socket.on('close', () => {
      const stream = connections.of(socket)?.stream
      if (stream) {
        timeouts.forget(stream)
        leaveWaiting(stream)
      }
      connections.remove(socket)
    })
    server.emit('connection', socket)
  })
  return {
    timeouts,
    connections,
    reported,
    time,
    async ask(...paths) {
      const client = (await connect()).send(paths.map(get).join(''))
      while (!paths.every((path) => responses.has(path))) await once(server, 'request')
      return client
    },
    response: (path) => responses.get(path) ?? assert.fail(path),
  }
}

test('the request that has waited longest is ended first, and one that has ended in time never', async (t) => {
  const { timeouts, reported, ask, response, connections, time } = await setup(t)
  const first = await ask('/1')
  time.now = 10
  const second = await ask('/2')
  time.now = 20
  const third = await ask('/3')
  response('/2').end()
  await second.receive('200')
  timeouts.check(999)
  assert.deepEqual(reported, [])
  timeouts.check(1000)
  assert.deepEqual(reported, ['/1 1000 503'])
  timeouts.check(1500)
  assert.deepEqual(reported, ['/1 1000 503', '/3 1480 503'])
  await Promise.all([first, third].map((client) => client.untilClose()))
  assert.equal(connections.busy, 0)
  timeouts.check(9000)
  assert.equal(reported.length, 2)
})

test('a pipelined request has its time from the end of the one before it', async (t) => {
  const { timeouts, reported, ask, response, time } = await setup(t)
  const client = await ask('/1', '/2')
  time.now = 900
  response('/1').end()
  await client.receive('200')
  timeouts.check(1899)
  assert.deepEqual(reported, [])
  timeouts.check(1900)
  assert.deepEqual(reported, ['/2 1000 503'])
})

test('the end of one request ends those that wait behind it too, and the stream takes no more', async (t) => {
  const { timeouts, reported, ask, response, connections } = await setup(t)
  await ask('/1', '/2', '/3')
  const stream = [...connections.all()][0]?.stream
  assert.equal(stream?.isOver, false)
  timeouts.check(1000)
  assert.deepEqual(reported, ['/1 1000 503'])
  assert.ok(response('/2').destroyed && response('/3').destroyed)
  assert.deepEqual([stream.isOver, stream.turn?.current], [true, undefined])
  while (connections.busy > 0) await nextTurn()
  assert.deepEqual([stream.current, stream.waiting], [undefined, undefined])
})

test('a connection that the app has taken for itself is closed', async (t) => {
  const { timeouts, reported, ask, response, connections } = await setup(t)
  const client = await ask('/1')
  const [connection] = connections.all()
  assert.ok(connection)
  response('/1').detachSocket(connection.socket)
  timeouts.check(1000)
  await client.untilClose()
  assert.deepEqual([reported, connections.busy], [['/1 1000 closed'], 0])
})

test('a client that leaves takes all that it has pipelined with it, and nothing of it is reported', async (t) => {
  const { timeouts, reported, ask, response, connections } = await setup(t)
  const client = await ask('/1', '/2', '/3')
  const [connection] = connections.all()
  assert.ok(connection?.stream.turn)
  const closed = once(response('/3'), 'close')
  client.socket.destroy()
  await closed
  await nextTurn()
  assert.equal(connections.busy, 0)
  assert.equal(connection.stream.turn.current, undefined)
  timeouts.check(5000)
  assert.deepEqual(reported, [])
})

test('a connection that closes between two requests, or before its first, is forgotten', async (t) => {
  const { timeouts, reported, ask, response, connections } = await setup(t)
  const client = await ask('/1')
  response('/1').end()
  await client.receive('200')
  const [connection] = connections.all()
  assert.ok(connection)
  timeouts.forget(connection.stream)
  connections.add(new net.Socket())
  for (const { stream } of connections.all()) timeouts.forget(stream)
  await ask('/2')
  timeouts.check(1000)
  assert.deepEqual(reported, ['/2 1000 503'])
})

test('a request is overdue until the app ends its response or its promise settles', async (t) => {
  const { timeouts, ask, response, connections } = await setup(t)
  const settled: { resolve?: () => void } = {}
  const result = new Promise<void>((resolve) => (settled.resolve = resolve))
  const handle = timeouts.watch(
    ({ url }) => (url === '/1' ? result : undefined),
    (of) => connections.streamOf(of),
  )
  for (const path of ['/1', '/2']) {
    await ask(path)
    handle(response(path).req, response(path))
  }
  assert.equal(timeouts.overdue, 0)
  timeouts.check(1000)
  assert.equal(timeouts.overdue, 2)
  response('/2').end('late')
  assert.equal(timeouts.overdue, 1)
  settled.resolve?.()
  await nextTurn()
  assert.equal(timeouts.overdue, 0)
})

test('what a handler returns belongs to its own request', async (t) => {
  const { timeouts, ask, response, connections } = await setup(t)
  const client = await ask('/1', '/2')
  const handle = timeouts.watch(
    ({ url }) => `result of ${url}`,
    (of) => connections.streamOf(of),
  )
  handle(response('/2').req, response('/2'))
  const [connection] = connections.all()
  assert.ok(connection?.stream.turn)
  assert.equal(connection.stream.turn.result, undefined)
  handle(response('/1').req, response('/1'))
  assert.equal(connection.stream.turn.result, 'result of /1')
  response('/1').end()
  await client.receive('200')
  assert.equal(connection.stream.turn.result, undefined)
})

test('the signal of the request fires last', async (t) => {
  const { timeouts, reported, ask, response } = await setup(t)
  await ask('/1')
  timeouts.check(1000)
  assert.equal(Reflect.get(Object(response('/1').req.errored), 'name'), 'TimeoutError')
  assert.equal(reported.length, 1)
})

test('a connection has no turn before its first request', async (t) => {
  const { connections, ask } = await setup(t)
  await ask('/1')
  const [connection] = connections.all()
  assert.ok(connection?.stream.turn)
  const without = new Connections()
  without.add(new net.Socket())
  assert.equal([...without.all()][0]?.stream.turn, undefined)
})

test('the checks come ten times within the limit, between 10 ms and a second apart', (t) => {
  const intervals: (number | undefined)[] = []
  t.mock.method(globalThis, 'setInterval', (_: () => void, milliseconds?: number) => {
    intervals.push(milliseconds)
    return { unref: () => undefined }
  })
  for (const each of [50, 100, 5000, 10_000, 60_000])
    new RequestTimeouts({ limit: each, onTimeout: assert.fail })
  assert.deepEqual(intervals, [10, 10, 500, 1000, 1000])
})

test('a check comes by itself, after a turn of the event loop', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const timeouts = new RequestTimeouts({ limit, onTimeout: assert.fail })
  const checks: number[] = []
  t.mock.method(timeouts, 'check', (now: number) => checks.push(now))
  t.mock.timers.tick(100)
  assert.deepEqual(checks, [])
  await nextTurn()
  assert.equal(checks.length, 1)
  assert.ok(Math.abs((checks[0] ?? 0) - performance.now()) < 10_000)
})
