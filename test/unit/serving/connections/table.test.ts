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
  assert.deepEqual(
    [connection.inFlight, connection.idleSince, connection.stream.response],
    [0, 20, undefined],
  )
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

test('with pipelining the newest request stands for the stream until it ends', () => {
  const connections = new Connections()
  const fake = connect(connections)
  const [first, second] = [fakeResponse(fake, '/1').response, fakeResponse(fake, '/2').response]
  const stream = connections.begin(first, 1)
  connections.begin(second, 2)
  assert.deepEqual([stream?.response, stream?.connection.inFlight], [second, 2])
  connections.finish(first, 3)
  assert.deepEqual([stream?.response, stream?.connection.inFlight], [second, 1])
  connections.finish(second, 4)
  assert.deepEqual([stream?.response, stream?.connection.inFlight], [undefined, 0])
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

test('the board shows the requests in flight until they end or their connections close', () => {
  const board = new Board()
  const connections = new Connections(board)
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
