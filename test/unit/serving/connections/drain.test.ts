// How a drain closes connections: nothing that is in use, everything at the end. The sockets are real, the
// clock is moved by the tests.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import net, { type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { Connection } from '../../../../src/serving/connections/connection.ts'
import { Connections } from '../../../../src/serving/connections/table.ts'
import { drainConnections } from '../../../../src/serving/connections/drain.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { connect, type FakeSocket } from '../fakes.ts'

interface Setup {
  readonly connections: Connections
  readonly clock: FakeClock
  /** A client that has sent these bytes, when the server has read them. */
  client(bytes: string): Promise<Socket>
}

/** A server that sends no response to /hang, and to anything else at once, but for /slow after 100 ms. */
async function setup(t: TestContext): Promise<Setup> {
  const connections = new Connections()
  const clock = new FakeClock()
  const clients: Socket[] = []
  const server = http.createServer(
    { keepAliveTimeout: 60_000 },
    (request: IncomingMessage, response: ServerResponse) => {
      connections.begin(response, clock.now())
      response.on('close', () => connections.finish(response, clock.now()))
      if (request.url === '/slow') clock.after(100, () => response.end('slow'))
      else if (request.url !== '/hang') response.end('quick')
    },
  )
  server.prependListener('connection', (socket) => {
    connections.add(socket, clock.now())
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
  return { connections, client, clock }
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`

async function textUntilClose(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await once(socket, 'close')
  return text
}

const shut = Promise.resolve()

test('a drain sends the responses in flight with Connection: close and then has no connection left', async (t) => {
  const { connections, client, clock } = await setup(t)
  const socket = await client(get('/slow'))
  const text = textUntilClose(socket)
  connections.drain()
  const drained = drainConnections(connections, { within: 60_000, idleLimit: 60_000, shut, clock })
  assert.deepEqual(await clock.passUntil(drained), [])
  assert.match(await text, /^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close\r\n[\s\S]*slow$/)
})

test('a drain serves the next request of an idle connection, and closes one that stays idle after keepalive', async (t) => {
  const { connections, client, clock } = await setup(t)
  const idle = await client(get('/'))
  const busy = await client(get('/'))
  await Promise.all([once(idle, 'data'), once(busy, 'data')])
  connections.drain()
  const drained = drainConnections(connections, { within: 60_000, idleLimit: 3000, shut, clock })
  await clock.pass(100)
  const text = textUntilClose(busy)
  busy.write(get('/'))
  assert.match(await text, /Connection: close/)
  await clock.pass(2800)
  assert.equal(idle.closed, false)
  const idleText = textUntilClose(idle)
  assert.deepEqual(await clock.passUntil(drained), [])
  assert.equal(await idleText, '')
  assert.ok(clock.now() >= 3000 && clock.now() <= 3100, String(clock.now()))
})

test('a connection without a request so far has a second for it, whatever keepalive is', async (t) => {
  const { connections, client, clock } = await setup(t)
  const fresh = await client('')
  const silent = await client('')
  connections.drain()
  const drained = drainConnections(connections, { within: 60_000, idleLimit: 0, shut, clock })
  await clock.pass(940)
  assert.equal(connections.size, 2)
  const text = textUntilClose(fresh)
  fresh.write(get('/'))
  assert.match(await text, /^HTTP\/1\.1 200/)
  const closed = once(silent.resume(), 'close')
  await clock.passUntil(drained)
  await closed
  assert.ok(clock.now() >= 1000 && clock.now() <= 1100, String(clock.now()))
})

test('a drain in a hurry gives the first request less time', async (t) => {
  const { connections, client, clock } = await setup(t)
  await client('')
  const limits = { within: 60_000, idleLimit: 0, firstRequestLimit: 200, shut, clock }
  await clock.passUntil(drainConnections(connections, limits))
  assert.ok(clock.now() >= 200 && clock.now() <= 300, String(clock.now()))
})

test('a request that arrived while the loop was blocked gets its response, however long its connection was idle', async (t) => {
  const { connections, client, clock } = await setup(t)
  const early = await client('')
  early.write(get('/'))
  clock.jump(1500)
  connections.drain()
  const drained = drainConnections(connections, { within: 60_000, idleLimit: 0, shut, clock })
  assert.match(await textUntilClose(early), /^HTTP\/1\.1 200/)
  await clock.passUntil(drained)
})

test('the same holds in the middle of a drain', async (t) => {
  const { connections, client, clock } = await setup(t)
  await client(get('/hang'))
  const socket = await client('')
  connections.drain()
  const drained = drainConnections(connections, { within: 8000, idleLimit: 2500, shut, clock })
  await clock.pass(100)
  socket.write(get('/'))
  clock.jump(2700)
  const text = textUntilClose(socket)
  assert.deepEqual(await clock.passUntil(drained), ['GET /hang'])
  assert.match(await text, /^HTTP\/1\.1 200/)
})

test('what is open when the time is up is closed, and its requests are named', async (t) => {
  const { connections, client, clock } = await setup(t)
  await client(get('/hang'))
  await client('')
  connections.drain()
  const drained = drainConnections(connections, { within: 100, idleLimit: 5000, shut, clock })
  assert.deepEqual(await clock.passUntil(drained), ['GET /hang'])
  assert.deepEqual([connections.size, connections.busy, connections.finished], [0, 0, 1])
})

test('a drain without time cuts at once, and one without connections waits only for the gate', async (t) => {
  const { connections, client, clock } = await setup(t)
  await client(get('/hang'))
  const cut = drainConnections(connections, { within: 0, idleLimit: 5000, shut, clock })
  assert.deepEqual(await clock.passUntil(cut), ['GET /hang'])
  let isShut = false
  const later = new Promise<void>((resolve) => {
    clock.after(60, () => {
      isShut = true
      resolve()
    })
  })
  const waiting = drainConnections(connections, { within: 60_000, idleLimit: 60_000, shut: later, clock })
  assert.deepEqual(await clock.passUntil(waiting), [])
  assert.ok(isShut)
})

test('a connection that was upgraded is not closed for being idle', async (t) => {
  const { connections, client, clock } = await setup(t)
  const socket = await client('')
  for (const connection of connections.all())
    connection.upgrade = {
      request: 'GET /',
      isWebSocket: false,
      isClosing: false,
      since: 0,
      isAnswered: true,
    }
  const drained = drainConnections(connections, { within: 3000, idleLimit: 0, shut, clock })
  await clock.pass(1100)
  assert.equal(socket.closed, false)
  assert.deepEqual(await clock.passUntil(drained), ['GET / (upgraded)'])
  assert.equal(connections.size, 0)
})

test('a client that is sending the head of a request is not idle', async () => {
  const connections = new Connections()
  const clock = new FakeClock()
  const fake = connect(connections)
  const drained = drainConnections(connections, { within: 60_000, idleLimit: 500, shut, clock })
  for (let sent = 1; sent <= 30; sent += 1) {
    fake.bytesRead = sent
    await clock.pass(100)
  }
  assert.deepEqual(fake.log, [])
  assert.deepEqual(await clock.passUntil(drained), [])
  assert.deepEqual(fake.log, ['destroySoon'])
  assert.ok(clock.now() >= 3900 && clock.now() <= 4100, String(clock.now()))
})

test('WebSockets get their close frames over a quarter of the time, and at most five seconds', async () => {
  for (const [within, spread] of [
    [8000, 2000],
    [60_000, 5000],
  ] as const) {
    const connections = new Connections()
    const clock = new FakeClock()
    const fakes = Array.from({ length: 100 }, () => connect(connections))
    for (const { upgrade } of fakes.map((fake) => webSocket(connections, fake))) assert.ok(upgrade)
    const framed = (): number => fakes.filter(({ log }) => log.length > 0).length
    void drainConnections(connections, { within, idleLimit: 0, shut, clock })
    await clock.pass(spread / 2)
    assert.ok(framed() > 30 && framed() < 70, String(framed()))
    await clock.pass(spread / 2 - 200)
    assert.ok(framed() < 100, String(framed()))
    await clock.pass(250)
    assert.equal(framed(), 100)
  }
})

function webSocket(connections: Connections, fake: FakeSocket): Connection {
  const connection = connections.of(fake.socket)
  assert.ok(connection)
  connection.upgrade = { request: 'GET /', isWebSocket: true, isClosing: false, since: 0, isAnswered: true }
  return connection
}
