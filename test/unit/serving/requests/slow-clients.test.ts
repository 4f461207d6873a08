// How slowly a client may send a body: as slowly as it likes, but not without a byte for the limit.

import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import { test } from 'node:test'
import { Connections } from '../../../../src/serving/connections/table.ts'
import { admitUploads, Uploads } from '../../../../src/serving/requests/slow-clients.ts'
import { connect, fakeResponse, type FakeSocket } from '../fakes.ts'

interface Upload {
  readonly fake: FakeSocket
  readonly response: ServerResponse
}

function begin(connections: Connections, request: object = {}, more: object = {}): Upload {
  const fake = connect(connections)
  const { response } = fakeResponse(fake, '/', more)
  Object.assign(response.req, { complete: false, readableLength: 0, headers: {}, ...request })
  connections.begin(response, 0)
  return { fake, response }
}

test('a body that is silent for the limit has stalled, one that goes on has not', () => {
  const connections = new Connections()
  const uploads = new Uploads(connections)
  const [stalled, living] = [begin(connections), begin(connections)]
  const found = (now: number): unknown[] => uploads.stalled(now, 100).map(({ socket }) => socket)
  assert.deepEqual(found(0), [])
  living.fake.bytesRead += 1
  assert.deepEqual(found(99), [])
  living.fake.bytesRead += 1
  assert.deepEqual(found(100), [stalled.fake])
  assert.deepEqual(found(198), [], 'its silence is measured again')
  stalled.fake.close()
  living.response.req.complete = true
  assert.deepEqual(found(500), [])
})

test('a request that was refused early has to end its body too', () => {
  const connections = new Connections()
  const uploads = new Uploads(connections)
  const { response, fake } = begin(connections)
  connections.finish(response, 1)
  uploads.stalled(0, 100)
  assert.equal(uploads.stalled(100, 100)[0]?.socket, fake)
})

test('a client that waits for the app, or has no limit, has not stalled', () => {
  for (const [request, response, limit] of [
    [{ readableLength: 1 }, {}, 100],
    [{ headers: { expect: '100-continue' } }, { _sent100: false }, 100],
    [{}, {}, 0],
  ] as const) {
    const connections = new Connections()
    const uploads = new Uploads(connections)
    begin(connections, request, response)
    for (const now of [0, 100, 200]) assert.deepEqual(uploads.stalled(now, limit), [])
  }
  const connections = new Connections()
  const uploads = new Uploads(connections)
  begin(connections, { headers: { expect: '100-continue' } }, { _sent100: true })
  uploads.stalled(0, 100)
  assert.equal(uploads.stalled(100, 100).length, 1)
})

test('the next request of a connection begins a new silence', () => {
  const connections = new Connections()
  const uploads = new Uploads(connections)
  const { fake, response } = begin(connections)
  uploads.stalled(0, 100)
  response.req.complete = true
  connections.finish(response, 1)
  const { response: next } = fakeResponse(fake)
  Object.assign(next.req, { complete: false, readableLength: 0, headers: {} })
  connections.begin(next, 2)
  assert.deepEqual(uploads.stalled(100, 100), [])
})

test('a server has no limit for a whole upload, unless the app has set one', () => {
  const server = createServer()
  admitUploads(server, createServer())
  assert.deepEqual([server.requestTimeout, server.headersTimeout], [0, 60_000])
  const own = createServer({ requestTimeout: 7000, headersTimeout: 1000 })
  own.maxHeadersCount = 5
  admitUploads(own, createServer())
  assert.deepEqual([own.requestTimeout, own.headersTimeout, own.maxHeadersCount], [7000, 1000, 5])
})
