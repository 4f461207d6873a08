// Which upgraded connections are closed, because their client has left and nothing reads them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Abandoned } from '../../../../src/serving/connections/abandoned.ts'
import { noteUpgrade } from '../../../../src/serving/connections/close-websocket.ts'
import { Connections } from '../../../../src/serving/connections/table.ts'
import { connect, fakeResponse, type FakeSocket } from '../fakes.ts'

function upgraded(connections: Connections, more: object = {}): FakeSocket {
  const fake = connect(connections)
  noteUpgrade(connections.of(fake.socket), fakeResponse(fake).response.req)
  return Object.assign(fake, { _readableState: { ended: true }, readableFlowing: null, ...more })
}

test('a connection that nothing reads is abandoned ten seconds after its client has left', () => {
  const connections = new Connections()
  const abandoned = new Abandoned(connections)
  const fake = upgraded(connections)
  assert.equal(fake.keepsAlive, true)
  const writing = upgraded(connections)
  const found = (now: number): unknown[] => abandoned.find(now).map(({ socket }) => socket)
  assert.deepEqual(found(0), [])
  assert.deepEqual(found(9999), [])
  writing.bytesWritten += 1
  assert.deepEqual(found(10_000), [fake])
})

test('one that is read, paused, or whose client is there is not', () => {
  const connections = new Connections()
  const abandoned = new Abandoned(connections)
  upgraded(connections, { readableFlowing: true })
  upgraded(connections, { readableFlowing: false })
  upgraded(connections, { _readableState: { ended: false } })
  upgraded(connections).on('readable', () => undefined)
  Object.assign(connect(connections), { _readableState: { ended: true }, readableFlowing: null })
  for (const now of [0, 10_000, 20_000]) assert.deepEqual(abandoned.find(now), [])
})
