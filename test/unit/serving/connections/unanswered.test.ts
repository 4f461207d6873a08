// Upgrade requests that nothing answers: refused after a while, and never without a response.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noteUpgrade } from '../../../../src/serving/connections/close-websocket.ts'
import { Connections } from '../../../../src/serving/connections/table.ts'
import { refuseUnanswered, watchAnswer } from '../../../../src/serving/connections/unanswered.ts'
import type { Connection } from '../../../../src/serving/connections/connection.ts'
import { connect, fakeResponse, type FakeSocket } from '../fakes.ts'

const notFound = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'

function upgraded(): { fake: FakeSocket; connection: Connection } {
  const connections = new Connections()
  const fake = Object.assign(connect(connections), { resume: () => undefined })
  noteUpgrade(connections.of(fake.socket), fakeResponse(fake).response.req)
  watchAnswer(fake.socket)
  const connection = connections.of(fake.socket)
  assert.ok(connection?.upgrade)
  return { fake, connection }
}

test('an end without a response sends a 404; one after a response does not', () => {
  const { fake } = upgraded()
  fake.socket.end()
  assert.deepEqual(fake.log, [notFound, 'end'])
  const other = upgraded()
  other.fake.socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
  other.fake.socket.end()
  assert.deepEqual(other.fake.log, ['HTTP/1.1 101 Switching Protocols\r\n\r\n', 'end'])
  const refused = upgraded()
  refused.fake.socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
  assert.deepEqual(refused.fake.log, ['HTTP/1.1 401 Unauthorized\r\n\r\n', 'end'])
})

test('what is neither read nor answered for ten seconds is refused', (t) => {
  const { fake, connection } = upgraded()
  const since = connection.upgrade?.since ?? 0
  refuseUnanswered(connection, since + 9999, false)
  refuseUnanswered(connection, since + 10_000, true)
  assert.deepEqual(fake.log, [])
  refuseUnanswered(connection, since + 10_000, false)
  t.after(() => fake.close())
  assert.deepEqual(fake.log, [notFound, 'end'])
  assert.equal(connection.upgrade?.isAnswered, true)
})

test('what the app has answered stays, and so does a connection that was not upgraded', () => {
  const { fake, connection } = upgraded()
  fake.socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
  refuseUnanswered(connection, Infinity, false)
  const connections = new Connections()
  const plain = connect(connections)
  const other = connections.of(plain.socket)
  assert.ok(other)
  refuseUnanswered(other, Infinity, false)
  assert.deepEqual([fake.log.length, plain.log], [1, []])
})

test('an error of the connection ends it, and nothing else', () => {
  const { fake } = upgraded()
  fake.emit('error', new Error('ECONNRESET'))
  assert.equal(fake.destroyed, true)
})
