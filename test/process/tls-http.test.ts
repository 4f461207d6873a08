// HTTP above TLS: what tsgun promises of requests and connections holds there too.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import WebSocket from 'ws'
import { Authority, install } from '../helpers/certificates.ts'
import { askSecurely, connectSecurely } from '../helpers/https.ts'
import { recordsOf } from '../helpers/records.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'

interface Served {
  readonly server: RunningServer
  readonly authority: Authority
  /** The access lines, as `METHOD path status outcome`. */
  lines(count: number): Promise<readonly string[]>
}

async function serve(
  t: TestContext,
  app: string,
  settings: string,
  packages: readonly string[] = [],
): Promise<Served> {
  const project = createProject(
    t,
    {
      'app.js': app,
      'server.config.js': `export default { app: './app.js', certfile: 'tls.pem', keyfile: 'tls.key', workers: 1,
        bind: 'https://127.0.0.1:0', accesslog: 'access.log', access_log_format: 'json', ${settings} }\n`,
    },
    packages,
  )
  const authority = new Authority(project.directory)
  install(authority.issue(), project.path('tls.pem'), project.path('tls.key'))
  const server = await startServer(project)
  interface Line {
    readonly method: string | null
    readonly path: string | null
    readonly status: number
    readonly outcome: string
  }
  return {
    server,
    authority,
    async lines(count) {
      await server.until(`${count} access lines`, () => recordsOf(project, 'access.log').length >= count)
      return recordsOf<Line>(project, 'access.log').map((line) =>
        [line.method, line.path, line.status, line.outcome].join(' '),
      )
    },
  }
}

/** Sends text over TLS, and resolves with all that comes until the server closes. */
async function exchange({ server, authority }: Served, text: string): Promise<string> {
  const socket = await connectSecurely(server.url, authority)
  let received = ''
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()))
  socket.on('error', (error) => (received += `[${error.message}]`))
  socket.write(text)
  await once(socket, 'close')
  return received
}

test('invalid requests, slow heads and pipelines are handled as without TLS', async (t) => {
  const served = await serve(
    t,
    `export default (req, res) => setTimeout(() => res.end(req.url), req.url === '/slow' ? 300 : 0)\n`,
    'header_timeout: 2, limit_request_line: 100',
  )
  const [invalid, twice, long, slow, pipeline] = await Promise.all([
    exchange(served, 'GET / HTTP/1.1\r\nHost : a\r\n\r\n'),
    exchange(served, 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'),
    exchange(served, `GET /${'x'.repeat(200)} HTTP/1.1\r\nHost: a\r\n\r\n`),
    exchange(served, 'GET / HTTP/1.1\r\nHo'),
    exchange(
      served,
      'GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    ),
  ])
  assert.match(invalid, /^HTTP\/1\.1 400 /)
  assert.match(twice, /^HTTP\/1\.1 400 /)
  assert.match(long, /^HTTP\/1\.1 414 /)
  assert.match(slow, /^HTTP\/1\.1 408 /)
  assert.match(pipeline, /\/slow[^]*\/next/)
  assert.equal((await served.lines(6)).length, 6)
  await served.server.stop()
})

test('a large upload arrives whole, an early refusal reaches its client, and a response is complete', async (t) => {
  const served = await serve(
    t,
    `export default async (req, res) => {
      if (req.url === '/early') return res.writeHead(413).end('too large')
      let size = 0
      for await (const chunk of req) size += chunk.length
      res.end(Buffer.alloc(size, 'x'))
    }\n`,
    '',
  )
  const { server, authority } = served
  const body = Buffer.alloc(20_000_000, 'y')
  const echoed = await askSecurely(server.url, authority, { method: 'POST', path: '/', body })
  assert.equal(echoed.body.length, body.length)
  assert.equal(
    (await askSecurely(server.url, authority, { method: 'POST', path: '/early', body })).status,
    413,
  )
  assert.deepEqual(await served.lines(2), ['POST / 200 complete', 'POST /early 413 complete'])
  await server.stop()
})

test('a client that vanishes is noticed, and request_timeout ends a request', async (t) => {
  const served = await serve(
    t,
    `export default (req, res) => { console.log('begun'); req.signal.onabort = () => console.log('gone') }\n`,
    'request_timeout: 2',
  )
  const { server, authority } = served
  const socket = await connectSecurely(server.url, authority)
  socket.write('GET /vanish HTTP/1.1\r\nHost: a\r\n\r\n')
  await server.says(/begun/)
  socket.destroy()
  await server.says(/gone/)
  assert.equal((await askSecurely(server.url, authority, { path: '/late' })).status, 503)
  assert.deepEqual(await served.lines(2), ['GET /vanish 499 aborted', 'GET /late 503 timeout'])
  await server.stop()
})

test('worker_connections counts connections in their handshake, and frees their places', async (t) => {
  const served = await serve(
    t,
    `export default (req, res) => res.end('ok')\n`,
    'worker_connections: 2, keepalive: 30',
  )
  const { server, authority } = served
  const first = await connectSecurely(server.url, authority)
  const second = await connectSecurely(server.url, authority)
  const third = askSecurely(server.url, authority)
  assert.equal(await Promise.race([third, delay(700, 'waits')]), 'waits')
  first.destroy()
  assert.equal((await third).body, 'ok')
  second.destroy()
  await server.stop()
})

test('a WebSocket works over TLS, has its access line, and is closed with 1012 at a stop', async (t) => {
  const served = await serve(
    t,
    `import { WebSocketServer } from 'ws'
    const sockets = new WebSocketServer({ noServer: true })
    sockets.on('connection', (socket) => socket.on('message', (text) => socket.send('echo ' + text)))
    export default (req, res) => res.end('http')
    export const upgrade = (req, socket, head) =>
      sockets.handleUpgrade(req, socket, head, (socket) => sockets.emit('connection', socket))\n`,
    '',
    ['ws'],
  )
  const { server } = served
  const client = new WebSocket(server.url.replace('https', 'wss'), { rejectUnauthorized: false })
  await once(client, 'open')
  client.send('hello')
  assert.equal(String((await once(client, 'message'))[0]), 'echo hello')
  const closed = once(client, 'close')
  server.signal('SIGTERM')
  assert.equal((await closed)[0], 1012)
  await server.stop()
  assert.deepEqual(await served.lines(1), ['GET / 101 complete'])
})
