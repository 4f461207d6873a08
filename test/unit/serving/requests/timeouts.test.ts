// The rules of request_timeout, each on real connections in this process: who is ended, when, in which order,
// and what it costs not to have it.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import net, { type AddressInfo, type Socket } from 'node:net'
import { Connections } from '../../../../src/serving/connections/table.ts'
import { Overdue } from '../../../../src/serving/requests/overdue.ts'
import { RequestTimeouts } from '../../../../src/serving/requests/timeouts.ts'

interface Setup {
  readonly timeouts: RequestTimeouts
  readonly connections: Connections
  /** The paths of those that were told, in their order. */
  readonly told: string[]
  /** A client that has sent these requests. */
  ask(...paths: string[]): Promise<Socket>
  readonly responses: Map<string, ServerResponse>
}

/** A server that never answers by itself. */
async function setup(t: TestContext, limit: number): Promise<Setup> {
  const told: string[] = []
  const connections = new Connections()
  const responses = new Map<string, ServerResponse>()
  const timeouts = new RequestTimeouts({ limit, onTimeout: (request) => told.push(request.url ?? '') })
  const server = http.createServer((request, response) => {
    const stream = connections.begin(response, performance.now())
    assert.ok(stream)
    timeouts.begin(stream, response, performance.now())
    response.on('close', () => {
      const left = connections.finish(response, performance.now())
      if (left) timeouts.finish(left, response, performance.now())
    })
    responses.set(request.url ?? '', response)
  })
  server.prependListener('connection', (socket) => {
    connections.add(socket)
    socket.on('close', () => {
      const stream = connections.of(socket)?.stream
      if (stream) timeouts.forget(stream)
      connections.remove(socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const ask = async (...paths: string[]): Promise<Socket> => {
    const client = net
      .connect((server.address() as AddressInfo).port, '127.0.0.1')
      .on('error', () => undefined)
    t.after(() => client.destroy())
    client.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''))
    while (!paths.every((path) => responses.has(path))) await once(server, 'request')
    return client.resume()
  }
  return { timeouts, connections, told, ask, responses }
}

test(
  'the request that has waited longest is ended first, and one that was answered in time ' + 'never',
  async (t) => {
    const { told, ask, responses, connections } = await setup(t, 1000)
    const clients = [await ask('/1'), await ask('/2'), await ask('/3')]
    responses.get('/2')?.end()
    await Promise.all([clients[0], clients[2]].map((client) => client && once(client, 'close')))
    assert.deepEqual(told, ['/1', '/3'])
    assert.equal(connections.busy, 0)
  },
)

test('a pipelined request has its time from the end of the one before it', async (t) => {
  const { told, ask, responses } = await setup(t, 1000)
  const client = await ask('/1', '/2')
  await new Promise((resolve) => setTimeout(resolve, 50))
  const from = performance.now()
  responses.get('/1')?.end()
  await once(client, 'close')
  assert.ok(performance.now() - from >= 999, `ended after ${performance.now() - from} ms`)
  assert.deepEqual(told, ['/2'])
})

test('a connection that the app has taken for itself is closed', async (t) => {
  const { told, ask, responses, connections } = await setup(t, 50)
  const client = await ask('/1')
  const [connection] = connections.all()
  assert.ok(connection)
  responses.get('/1')?.detachSocket(connection.socket)
  await once(client, 'close')
  assert.deepEqual([told, connections.busy], [['/1'], 0])
})

test('a client that leaves takes all that it has pipelined with it, and nothing of it is told', async (t) => {
  const { told, ask, connections } = await setup(t, 500)
  const client = await ask('/1', '/2', '/3')
  client.destroy()
  const giveUpAt = performance.now() + 60_000
  while (connections.busy > 0 && performance.now() < giveUpAt)
    await new Promise((resolve) => setTimeout(resolve, 5))
  assert.equal(connections.busy, 0)
  await new Promise((resolve) => setTimeout(resolve, 700))
  assert.deepEqual(told, [])
})

test(
  'a request is overdue until the app ends its response, its promise is settled, or its time was not ' +
    'over',
  async (t) => {
    const { timeouts, ask, responses } = await setup(t, 50)
    await once(await ask('/1'), 'close')
    assert.equal(timeouts.overdue, 1)
    responses.get('/1')?.end('late')
    assert.equal(timeouts.overdue, 0)

    await ask('/2', '/3', '/4')
    const overdue = new Overdue()
    const [second, third, fourth] = ['/2', '/3', '/4'].map((path) => responses.get(path))
    assert.ok(second && third && fourth)
    overdue.add(second, Promise.resolve())
    overdue.add(third, Promise.reject(new Error('of the app')))
    overdue.add(fourth, undefined)
    assert.equal(overdue.count(), 3)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(overdue.count(), 1)
  },
)

test('a connection has no turn before its first request', async (t) => {
  const { connections, ask } = await setup(t, 60_000)
  await ask('/1')
  const [connection] = connections.all()
  assert.ok(connection?.stream.turn)
  const without = new Connections()
  without.add(new net.Socket())
  assert.equal([...without.all()][0]?.stream.turn, undefined)
})
