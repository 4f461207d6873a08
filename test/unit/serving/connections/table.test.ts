// What a worker knows of its connections and of the requests in flight on them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Board } from '../../../../src/serving/connections/board.ts'
import { Connections } from '../../../../src/serving/connections/table.ts'
import { connect, FakeSocket, fakeResponse } from '../fakes.ts'

test('requests are counted from their beginning to their end', () => {
  const connections = new Connections()
  const fake = connect(connections, 5)
  const connection = connections.of(fake.socket)
  assert.ok(connection)
  assert.deepEqual([connections.size, connection.used, connection.idleSince], [1, false, 5])
  const { response } = fakeResponse(fake)
  assert.equal(connections.begin(response, 10), connection.stream)
  assert.deepEqual([connections.size, connections.busy, connections.finished], [1, 1, 0])
  assert.deepEqual([connection.inFlight, connection.used, connection.stream.startedAt], [1, true, 10])
  assert.equal(connections.finish(response, 20), connection.stream)
  assert.deepEqual([connections.size, connections.busy, connections.finished], [1, 0, 1])
  assert.deepEqual([connection.inFlight, connection.idleSince, connection.stream.current], [0, 20, undefined])
  fake.close()
  assert.deepEqual(
    [connections.size, connections.of(fake.socket), [...connections.all()]],
    [0, undefined, []],
  )
})

test('a request whose connection has closed is counted all the same', () => {
  const connections = new Connections()
  const fake = connect(connections)
  const { response } = fakeResponse(fake)
  connections.begin(response, 0)
  fake.close()
  assert.equal(connections.finish(response, 1), undefined)
  assert.deepEqual([connections.busy, connections.finished], [0, 1])
  assert.equal(connections.begin(fakeResponse(new FakeSocket()).response, 2), undefined)
  assert.equal(connections.busy, 1)
  connections.remove(fake.socket)
  assert.equal(connections.size, 0, 'a socket is removed once')
})

test('connections come newest first, and the one at hand may close', () => {
  const connections = new Connections()
  const fakes = [connect(connections), connect(connections), connect(connections)]
  const seen: number[] = []
  for (const { socket } of connections.all()) {
    seen.push(fakes.findIndex((fake) => fake.socket === socket))
    socket.destroy()
  }
  assert.deepEqual([seen, connections.size], [[2, 1, 0], 0])
})

test('with pipelining the oldest request is the current one, and the others wait in their order', () => {
  const connections = new Connections()
  const fake = connect(connections)
  const [first, second, third] = ['/1', '/2', '/3'].map((url) => fakeResponse(fake, url).response)
  assert.ok(first && second && third)
  const stream = connections.begin(first, 1)
  assert.ok(stream)
  connections.begin(second, 2)
  connections.begin(third, 3)
  const urls = (): unknown[] => stream.inFlight().map(({ response }) => response.req.url)
  assert.deepEqual([stream.current, stream.last, stream.newest], [first, third, third])
  assert.deepEqual([urls(), stream.connection.inFlight], [['/1', '/2', '/3'], 3])
  connections.finish(second, 4)
  assert.deepEqual([urls(), stream.current, stream.startedAt], [['/1', '/3'], first, 1])
  connections.finish(first, 5)
  assert.deepEqual([urls(), stream.current, stream.startedAt], [['/3'], third, 3])
  assert.equal(stream.waiting, undefined)
  connections.finish(third, 6)
  assert.deepEqual([urls(), stream.connection.inFlight, stream.newest], [[], 0, undefined])
})

test('the newest request stays known until its body is complete, also after its response', () => {
  const connections = new Connections()
  const fake = connect(connections)
  const { response } = fakeResponse(fake)
  Object.assign(response.req, { complete: false })
  const stream = connections.begin(response, 1)
  connections.finish(response, 2)
  assert.deepEqual([stream?.current, stream?.newest], [undefined, response])
  const { response: next } = fakeResponse(fake)
  connections.begin(next, 3)
  connections.finish(next, 4)
  assert.equal(stream?.newest, undefined)
})

test('no request is taken behind a response that ends the connection, or on a stream that is over', () => {
  const connections = new Connections()
  const fake = connect(connections)
  const stream = connections.begin(fakeResponse(fake, '/', { headersSent: false, _last: true }).response, 0)
  assert.equal(stream?.takesNone, false, 'its head is not made yet')
  connections.begin(fakeResponse(fake, '/', { headersSent: true, _last: true }).response, 1)
  assert.equal(stream.takesNone, true)
  const other = connections.begin(fakeResponse(connect(connections)).response, 0)
  assert.equal(other?.takesNone, false)
  other.isOver = true
  assert.equal(other.takesNone, true)
})

test('the requests in flight are listed oldest first', () => {
  const connections = new Connections()
  const responses = [30, 10, 20].map((startedAt) => {
    const { response } = fakeResponse(connect(connections))
    connections.begin(response, startedAt)
    return response
  })
  connect(connections)
  assert.deepEqual(
    connections.inFlight().map(({ startedAt }) => startedAt),
    [10, 20, 30],
  )
  assert.equal(connections.inFlight()[0]?.response, responses[1])
})

test('from a drain on every response ends its connection, those in flight and those that begin later', () => {
  const connections = new Connections()
  const early = fakeResponse(connect(connections)).response
  const late = fakeResponse(connect(connections)).response
  connections.begin(early, 0)
  assert.equal(early.shouldKeepAlive, true)
  connections.drain()
  connections.begin(late, 0)
  assert.deepEqual([early.shouldKeepAlive, late.shouldKeepAlive], [false, false])
})

test('of pipelined responses only the last ends the connection, so that none is lost', () => {
  const connections = new Connections()
  const fake = connect(connections)
  const [first, second, third] = ['/1', '/2', '/3'].map((url) => fakeResponse(fake, url).response)
  assert.ok(first && second && third)
  connections.begin(first, 0)
  connections.begin(second, 0)
  connections.drain()
  const keepAlive = (): unknown[] => [first, second, third].map(({ shouldKeepAlive }) => shouldKeepAlive)
  assert.deepEqual(keepAlive(), [true, false, true])
  connections.begin(third, 0)
  assert.deepEqual(keepAlive(), [true, true, false])
})

test('the board shows the requests in flight until they end or their connections close', () => {
  const board = new Board()
  const connections = new Connections({ board })
  const [one, other] = [connect(connections), connect(connections)]
  const responses = [fakeResponse(one, '/1').response, fakeResponse(other, '/2').response] as const
  connections.begin(responses[0], 1)
  connections.begin(responses[1], 2)
  assert.deepEqual(board.read(), [
    { method: 'GET', path: '/1', startedAt: 1 },
    { method: 'GET', path: '/2', startedAt: 2 },
  ])
  assert.equal(board.busy, 2)
  connections.finish(responses[0], 3)
  assert.deepEqual([board.read().length, board.busy], [1, 1])
  other.close()
  assert.equal(board.read().length, 0)
  assert.deepEqual([board.claim(), board.claim()], [2, 3], 'the place of the closed one is free again')
})

test('the board shows pipelined requests too, each at a place of its own', () => {
  const board = new Board()
  const connections = new Connections({ board })
  const fake = connect(connections)
  const [first, second, third] = ['/1', '/2', '/3'].map((url) => fakeResponse(fake, url).response)
  assert.ok(first && second && third)
  const shown = (): string[] => board.read().map(({ path }) => path)
  connections.begin(first, 1)
  connections.begin(second, 2)
  connections.begin(third, 3)
  assert.deepEqual(shown(), ['/1', '/2', '/3'])
  connections.finish(first, 4)
  assert.deepEqual(shown(), ['/2', '/3'])
  connections.finish(third, 4)
  connections.finish(second, 4)
  assert.deepEqual(shown(), [])
  connections.begin(first, 5)
  connections.begin(second, 6)
  fake.close()
  assert.deepEqual(shown(), [])
  const places = Array.from({ length: 128 }, () => board.claim())
  assert.equal(new Set(places).size, 128, 'all places are free again')
  assert.equal(places.includes(0), false)
})

test('what has left of the response on the wire is noted before its connection ends', () => {
  const noted: unknown[] = []
  const connections = new Connections({
    onCutOff: ({ req }, _, sent) => noted.push([req.url, sent]),
    calls: { sentBytes: (fd) => fd * 100 },
  })
  const fake = connect(connections)
  const destroy = (error: Error | null): void => fake.socket._destroy(error, () => undefined)
  fake.emit('end')
  connections.begin(fakeResponse(fake, '/1').response, 0)
  connections.begin(fakeResponse(fake, '/2').response, 0)
  Object.assign(fake, { bytesWritten: 50, _handle: { fd: 7, bytesWritten: 40, writeQueueSize: 15 } })
  fake.emit('end')
  destroy(null)
  destroy(Object.assign(new Error('EPIPE'), { syscall: 'write' }))
  Object.assign(fake, { bytesWritten: 40, _handle: { fd: 7, bytesWritten: 40, writeQueueSize: 0 } })
  destroy(null)
  assert.deepEqual(noted, [
    ['/1', 25],
    ['/1', 25],
    ['/1', 700],
  ])
  assert.equal(fake.log.filter((call) => call === '_destroy').length, 3)
})
