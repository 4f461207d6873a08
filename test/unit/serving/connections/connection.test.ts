// When a connection counts as idle during a drain.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Connection } from '../../../../src/serving/connections/connection.ts'
import { FakeSocket } from '../fakes.ts'

function connection(now = 100): { readonly fake: FakeSocket; readonly connection: Connection } {
  const fake = new FakeSocket()
  return { fake, connection: new Connection(fake.socket, now, 7) }
}

test('a new connection has one stream without a request, and is idle from its start', () => {
  const { connection: it } = connection()
  assert.deepEqual([it.idleSince, it.used, it.inFlight, it.upgrade], [100, false, 0, undefined])
  assert.equal(it.stream.connection, it)
  const { place, current, startedAt, turn } = it.stream
  assert.deepEqual([place, current, startedAt, turn], [7, undefined, 0, undefined])
})

test('a client that sends is not idle, from the second look on', () => {
  const { fake, connection: it } = connection()
  fake.bytesRead = 10
  it.noticeBytes(200, 1000)
  assert.equal(it.idleSince, 100, 'how much it had sent before is not known')
  it.noticeBytes(300, 1000)
  assert.equal(it.idleSince, 100)
  fake.bytesRead = 11
  it.noticeBytes(400, 1000)
  assert.equal(it.idleSince, 400)
  it.noticeBytes(500, 1000)
  assert.equal(it.idleSince, 400)
})

test('the first look spares a used connection that Node itself would have closed, had it sent nothing', () => {
  for (const [used, now, expected] of [
    [true, 1101, 1101],
    [true, 1100, 100],
    [false, 1101, 100],
  ] as const) {
    const { connection: it } = connection()
    it.used = used
    it.noticeBytes(now, 1000)
    assert.equal(it.idleSince, expected)
  }
})
