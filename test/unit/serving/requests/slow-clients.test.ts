// How slowly a client may send a body: as slowly as it likes, but not without a byte for the limit.

import assert from 'node:assert/strict'
import type { ServerHttp2Session } from 'node:http2'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { Connections } from '../../../../src/serving/connections/table.ts'
import { figuresKey } from '../../../../src/os/system/socket-figures.ts'
import { SlowClients } from '../../../../src/serving/requests/slow-clients.ts'
import { connect, fakeResponse, FakeSocket } from '../fakes.ts'

interface Upload {
  readonly fake: FakeSocket
  readonly response: ServerResponse
}

const slowClients = (connections: Connections, bodySilence = 100): SlowClients =>
  new SlowClients(connections, { bodySilence, idle: 1000 })

function begin(connections: Connections, request: object = {}, more: object = {}): Upload {
  const fake = connect(connections)
  const { response } = fakeResponse(fake, '/', more)
  Object.assign(response.req, { complete: false, readableLength: 0, headers: {}, ...request })
  connections.begin(response, 0)
  return { fake, response }
}

test('a body that is silent for the limit has stalled, one that goes on has not', () => {
  const connections = new Connections()
  const uploads = slowClients(connections)
  const [stalled, living] = [begin(connections), begin(connections)]
  const found = (now: number): unknown[] => uploads.stalled(now).map(({ connection }) => connection.socket)
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
  const uploads = slowClients(connections)
  const { response, fake } = begin(connections)
  connections.finish(response, 1)
  uploads.stalled(0)
  assert.equal(uploads.stalled(100)[0]?.connection.socket, fake)
})

test('a client that waits for the app, or has no limit, has not stalled', () => {
  for (const [request, response, limit] of [
    [{ readableLength: 1 }, {}, 100],
    [{ headers: { expect: '100-continue' } }, { _sent100: false }, 100],
    [{}, {}, 0],
  ] as const) {
    const connections = new Connections()
    const uploads = slowClients(connections, limit)
    begin(connections, request, response)
    for (const now of [0, 100, 200]) assert.deepEqual(uploads.stalled(now), [])
  }
  const connections = new Connections()
  const uploads = slowClients(connections)
  begin(connections, { headers: { expect: '100-continue' } }, { _sent100: true })
  uploads.stalled(0)
  assert.equal(uploads.stalled(100).length, 1)
})

test('the next request of a connection begins a new silence', () => {
  const connections = new Connections()
  const uploads = slowClients(connections)
  const { fake, response } = begin(connections)
  uploads.stalled(0)
  response.req.complete = true
  connections.finish(response, 1)
  const { response: next } = fakeResponse(fake)
  Object.assign(next.req, { complete: false, readableLength: 0, headers: {} })
  connections.begin(next, 2)
  assert.deepEqual(uploads.stalled(100), [])
})

test('a client that does not read a response is found, one that reads slowly is not', () => {
  const connections = new Connections()
  const clients = slowClients(connections)
  const [stuck, slow] = [begin(connections, { complete: true }), begin(connections, { complete: true })]
  // What Node shows of a connection: the kernel has not taken all that was written.
  const handles = [stuck, slow].map(({ fake }) => {
    const handle = { fd: 9, bytesWritten: 5000, writeQueueSize: 4000 }
    Object.assign(fake, { _handle: handle, bytesWritten: 5000 })
    return handle
  })
  const found = (now: number): unknown[] =>
    clients.stalled(now).map(({ connection, isSending }) => [connection.socket, isSending])
  assert.deepEqual(found(0), [])
  Object.assign(handles[1] ?? {}, { writeQueueSize: 3999 })
  assert.deepEqual(found(100), [[stuck.fake, false]])
})

test('a connection without a request is idle, whatever its client sends', () => {
  const connections = new Connections()
  const clients = slowClients(connections)
  const { fake, response } = begin(connections, { complete: true })
  const found = (now: number): unknown[] => clients.idle(now).map(({ socket }) => socket)
  assert.deepEqual(found(5000), [], 'it has a request')
  connections.finish(response, 5000)
  fake.bytesRead += 1
  assert.deepEqual(found(5999), [])
  fake.bytesRead += 1
  assert.deepEqual(found(6000), [fake])
})

test('a connection of HTTP/2 is idle without a stream, also before its first one', () => {
  const connections = new Connections()
  const clients = slowClients(connections)
  const connection = connections.of(connect(connections).socket)
  assert.ok(connection)
  connection.session = {} as ServerHttp2Session // only looked for
  const found = (now: number): number => clients.idle(now + connection.idleSince).length
  assert.deepEqual([found(999), found(1001)], [0, 1])
  const fake = new FakeSocket()
  connections.addStream(fake.socket, connection)
  assert.equal(found(9000), 0)
  connections.remove(fake.socket)
  assert.deepEqual([found(999), found(1001)], [0, 1])
})

const figures = (sent: number, unsent: number): object => ({
  [figuresKey]: { bytesWritten: sent + unsent, writeQueueSize: unsent },
  bytesWritten: sent + unsent,
})

test('a stream of HTTP/2 that is not read is found by its own figures', () => {
  const connections = new Connections()
  const clients = slowClients(connections)
  const parent = connections.of(connect(connections).socket)
  assert.ok(parent)
  const [stuck, slow] = [new FakeSocket(), new FakeSocket()].map((fake) => {
    connections.addStream(fake.socket, parent)
    const { response } = fakeResponse(fake, '/')
    Object.assign(response.req, { complete: true, readableLength: 0, headers: {} })
    connections.begin(response, 0)
    return Object.assign(fake, figures(100, 5000))
  })
  assert.ok(stuck && slow)
  const found = (now: number): unknown[] => clients.stalled(now).map(({ connection }) => connection.socket)
  assert.deepEqual(found(0), [])
  Object.assign(slow, figures(101, 4999))
  assert.deepEqual(found(100), [stuck])
  Object.assign(slow, figures(5100, 0))
  assert.deepEqual(found(300), [], 'all is sent: it waits for the app')
})
