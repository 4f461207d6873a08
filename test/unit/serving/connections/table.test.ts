// What a worker knows of its connections, and how a drain closes them: nothing that is in use, everything in
// the end.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import net, { type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Connections } from '../../../../src/serving/connections/table.ts'
import { drainConnections } from '../../../../src/serving/connections/drain.ts'
import { until } from '../../../helpers/logs.ts'

interface Setup {
  readonly connections: Connections
  /** A client that has sent these bytes, when the server has read them. */
  client(bytes: string): Promise<Socket>
}

/** A server that answers /slow after 100 ms, /hang never, and anything else at once. */
async function setup(t: TestContext): Promise<Setup> {
  const connections = new Connections()
  const clients: Socket[] = []
  const server = http.createServer(
    { keepAliveTimeout: 60_000 },
    (request: IncomingMessage, response: ServerResponse) => {
      connections.begin(response, performance.now())
      response.on('close', () => connections.finish(response, performance.now()))
      if (request.url === '/slow') setTimeout(() => response.end('slow'), 100)
      else if (request.url !== '/hang') response.end('quick')
    },
  )
  server.prependListener('connection', (socket) => {
    connections.add(socket)
    socket.on('close', () => connections.remove(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of clients) socket.destroy()
    server.closeAllConnections()
    server.close()
  })
  const client = async (bytes: string): Promise<Socket> => {
    const socket = net
      .connect((server.address() as AddressInfo).port, '127.0.0.1')
      .on('error', () => undefined)
    clients.push(socket)
    await Promise.all([once(socket, 'connect'), once(server, 'connection')])
    if (bytes !== '')
      await Promise.all([once(server, 'request'), new Promise((sent) => socket.write(bytes, sent))])
    return socket
  }
  return { connections, client }
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`

async function textUntilClose(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await once(socket, 'close')
  return text
}

const shut = Promise.resolve()

test('requests are counted from their beginning to their end', async (t) => {
  const { connections, client } = await setup(t)
  const socket = await client(get('/slow'))
  assert.deepEqual([connections.size, connections.busy, connections.finished], [1, 1, 0])
  const [connection] = connections.all()
  assert.deepEqual([connection?.inFlight, connection?.used], [1, true])
  await once(socket, 'data')
  await until(() => connections.busy === 0)
  assert.deepEqual([connections.size, connections.busy, connections.finished], [1, 0, 1])
  socket.destroy()
  await until(() => connections.size === 0)
})

test(
  'a drain answers what is in flight with Connection: close and then has no connection ' + 'left',
  async (t) => {
    const { connections, client } = await setup(t)
    const socket = await client(get('/slow'))
    const text = textUntilClose(socket)
    connections.drain()
    assert.deepEqual(await drainConnections(connections, { within: 60_000, idleLimit: 60_000, shut }), [])
    assert.match(await text, /^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close\r\n[\s\S]*slow$/)
  },
)

test(
  'a drain answers the next request of an idle connection, and closes one that stays idle after ' +
    'keepalive',
  async (t) => {
    const { connections, client } = await setup(t)
    const idle = await client(get('/'))
    const busy = await client(get('/'))
    await Promise.all([once(idle, 'data'), once(busy, 'data')])
    connections.drain()
    const drained = drainConnections(connections, { within: 60_000, idleLimit: 3000, shut })
    await delay(100)
    const text = textUntilClose(busy)
    busy.write(get('/'))
    assert.match(await text, /Connection: close/)
    assert.equal(await textUntilClose(idle), '')
    assert.deepEqual(await drained, [])
  },
)

test('a connection that has not asked yet has a second for it, whatever keepalive is', async (t) => {
  const { connections, client } = await setup(t)
  const connectedAt = performance.now()
  const fresh = await client('')
  connections.drain()
  const drained = drainConnections(connections, { within: 60_000, idleLimit: 0, shut })
  await delay(150)
  const text = textUntilClose(fresh)
  fresh.write(get('/'))
  const isLate = performance.now() - connectedAt > 900 // on a machine that stood still meanwhile
  assert.match(await text, isLate ? /^/ : /^HTTP\/1\.1 200/)
  await drained
})

test(
  'a request that arrived while the loop was blocked is answered, however long its connection was ' + 'idle',
  async (t) => {
    const { connections, client } = await setup(t)
    const early = await client('')
    early.write(get('/'))
    block(1500)
    connections.drain()
    const drained = drainConnections(connections, { within: 60_000, idleLimit: 0, shut })
    assert.match(await textUntilClose(early), /^HTTP\/1\.1 200/)
    await drained
  },
)

test('the same holds in the middle of a drain', async (t) => {
  const { connections, client } = await setup(t)
  await client(get('/hang'))
  const socket = await client('')
  connections.drain()
  const drained = drainConnections(connections, { within: 8000, idleLimit: 2500, shut })
  await delay(100)
  socket.write(get('/'))
  block(2700)
  assert.match(await textUntilClose(socket), /^HTTP\/1\.1 200/)
  await drained
})

/** Milliseconds in which nothing else runs. */
function block(time: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, time)
}

test('what is open when the time is up is closed, and its requests are named', async (t) => {
  const { connections, client } = await setup(t)
  await client(get('/hang'))
  await client('')
  connections.drain()
  assert.deepEqual(await drainConnections(connections, { within: 100, idleLimit: 5000, shut }), ['GET /hang'])
  assert.deepEqual([connections.size, connections.busy, connections.finished], [0, 0, 1])
})

test('a drain without time cuts at once, and one without connections waits only for the gate', async (t) => {
  const { connections, client } = await setup(t)
  await client(get('/hang'))
  assert.deepEqual(await drainConnections(connections, { within: 0, idleLimit: 5000, shut }), ['GET /hang'])
  let isShut = false
  const later = delay(60).then(() => {
    isShut = true
  })
  assert.deepEqual(
    await drainConnections(connections, { within: 60_000, idleLimit: 60_000, shut: later }),
    [],
  )
  assert.ok(isShut)
})

test('a connection that was upgraded is not closed for being idle', async (t) => {
  const { connections, client } = await setup(t)
  const socket = await client('')
  for (const connection of connections.all())
    connection.upgrade = { request: 'GET /', isWebSocket: false, isClosing: false }
  const drained = drainConnections(connections, { within: 3000, idleLimit: 0, shut })
  await delay(1100)
  assert.equal(socket.closed, false)
  assert.deepEqual(await drained, ['GET / (upgraded)'])
  assert.equal(connections.size, 0)
})
