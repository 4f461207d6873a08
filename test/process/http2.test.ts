// HTTP/2 on a real server: every kind of app, as it is, by TLS and in clear text; with the access log,
// limits, signals, time limits and drains of HTTP/1.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import http2 from 'node:http2'
import { test, type TestContext } from 'node:test'
import { ask, sendRaw } from '../helpers/http.ts'
import { Client } from '../helpers/http2-client.ts'
import { RawClient } from '../helpers/raw-client.ts'
import { accessLines, recordsOf } from '../helpers/records.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const h2 = `http_protocols: ['h2', 'h1']`
const config = (more = ''): string =>
  `export default { app: './app.js', bind: '127.0.0.1:0', ${h2}, accesslog: 'access.log', ` +
  `access_log_format: 'json', applog: 'app.log', errorlog: 'error.log', ${more} }\n`

function start(
  t: TestContext,
  app: string,
  more = '',
  packages: readonly string[] = [],
): Promise<RunningServer> {
  const logs = { 'access.log': '', 'app.log': '', 'error.log': '' }
  return startServer(createProject(t, { 'app.js': app, 'server.config.js': config(more), ...logs }, packages))
}

interface Line {
  readonly path: string
  readonly protocol: string
  readonly status: number
  readonly bytes: number
  readonly outcome: string
}

const brief = ({ path, protocol, status, outcome }: Line): string =>
  `${protocol} ${path} ${status} ` + `${outcome}`

/** Each responds to POST /echo with the body, and to GET /who with scheme, host and version. */
const kinds: Readonly<Record<string, { readonly source: string; readonly packages?: readonly string[] }>> = {
  'a request listener': {
    source: `export default async (req, res) => {
  if (req.url === '/who') return res.end([req.headers.host, req.httpVersion].join(' '))
  res.setHeader('x-kind', 'listener'); res.setHeader('set-cookie', ['a=1', 'b=2'])
  for await (const chunk of req) res.write(chunk)
  res.end()
}`,
  },
  Express: {
    packages: ['express'],
    source: `import express from 'express'
const app = express()
app.get('/who', (req, res) => { res.send([req.get('host'), req.httpVersion].join(' ')) })
app.post('/echo', express.text({ type: () => true, limit: '1mb' }), (req, res) => { res.cookie('a', '1').cookie('b', '2').send(req.body) })
export default app`,
  },
  Fastify: {
    packages: ['fastify'],
    source: `import fastify from 'fastify'
const app = fastify()
app.get('/who', async (req) => [req.headers.host, req.raw.httpVersion].join(' '))
app.post('/echo', async (req, reply) => { reply.header('set-cookie', ['a=1', 'b=2']); return req.body })
export default app`,
  },
  Koa: {
    packages: ['koa'],
    source: `import Koa from 'koa'
const app = new Koa()
app.use(async (context) => {
  if (context.path === '/who') { context.body = [context.host, context.req.httpVersion].join(' '); return }
  context.cookies.set('a', '1'); context.cookies.set('b', '2')
  context.body = context.req
})
export default app`,
  },
  Hono: {
    packages: ['hono'],
    source: `import { Hono } from 'hono'
const app = new Hono()
app.get('/who', (context) => context.text(new URL(context.req.url).host + ' 2.0'))
app.post('/echo', async (context) => context.body(await context.req.text()))
export default app`,
  },
  'a fetch handler': {
    source: `export default { async fetch(request) {
  const url = new URL(request.url)
  return url.pathname === '/who' ? new Response(url.host + ' 2.0') : new Response(request.body)
} }`,
  },
  'a program that listens': {
    packages: ['express'],
    source: `import express from 'express'
import { createServer } from 'node:http'
const app = express()
app.get('/who', (req, res) => { res.send([req.get('host'), req.httpVersion].join(' ')) })
app.post('/echo', (req, res) => { req.pipe(res) })
createServer(app).listen(3000)`,
  },
}

for (const [kind, { source, packages = [] }] of Object.entries(kinds))
  test(`${kind} serves HTTP/2 as it is`, async (t) => {
    const server = await start(t, source, '', packages)
    const client = new Client(t, server)
    const who = await client.ask('/who')
    assert.deepEqual([who.status, who.body], [200, `${new URL(server.url).host} 2.0`])
    const body = 'x'.repeat(300_000)
    const echoes = await Promise.all(
      Array.from({ length: 20 }, () => client.ask('/echo', { 'content-type': 'text/plain' }, body)),
    )
    for (const echo of echoes) assert.deepEqual([echo.status, echo.body.length], [200, body.length])
    assert.equal((await ask(server.url, '/who')).status, 200, 'HTTP/1.1 on the same port')
    client.session.close()
    await server.stop()
    const all = recordsOf<Line>(server.project, 'access.log')
    assert.deepEqual(all.map(({ protocol }) => protocol).sort(), [
      'HTTP/1.1',
      ...Array.from({ length: 21 }, () => 'HTTP/2.0'),
    ])
    assert.ok(all.every(({ outcome, status }) => outcome === 'complete' && status === 200))
    assert.doesNotMatch(server.project.read('error.log'), /\[(?:WARN|ERROR|FATAL)\]/)
  })

const app = `
const routes = {
  '/headers': (req, res) => { res.writeEarlyHints({ link: '</a.css>; rel=preload' }); res.writeHead(201, { connection: 'keep-alive', 'x-a': ['1', '2'], 'set-cookie': ['a', 'b'] }); res.end(JSON.stringify(req.headers)) },
  '/hang': (req, res) => { req.signal.addEventListener('abort', () => console.log('aborted ' + req.signal.reason.name)) },
  '/half': (req, res) => { res.write('half'); setTimeout(() => res.destroy(), 50) },
  '/throw': () => { throw new Error('broken') },
  '/early': (req, res) => { res.statusCode = 401; res.end('no') },
  '/wait': (req, res) => setTimeout(() => res.end('waited'), 300),
  '/read': async (req, res) => { let size = 0; try { for await (const chunk of req) size += chunk.length } catch (error) { return console.log('body: ' + error.message) } res.end('read ' + size) },
}
export default (req, res) => (routes[req.url] ?? ((req, res) => res.end('ok')))(req, res)
`

test('headers, cookies, early hints and errors are those of HTTP/1', async (t) => {
  const server = await start(t, app)
  const client = new Client(t, server)
  const got = await client.ask('/headers', { cookie: 'a=1; b=2', 'x-b': 'c' })
  assert.deepEqual(
    [got.status, got.interim, got.headers['x-a'], got.headers['set-cookie']],
    [201, [103], '1, 2', ['a', 'b']],
  )
  assert.equal(got.headers['connection'], undefined)
  const sent = JSON.parse(got.body) as Record<string, string>
  assert.deepEqual([sent['cookie'], sent['x-b'], sent['host']], ['a=1; b=2', 'c', new URL(server.url).host])
  assert.equal((await client.ask('/throw')).status, 500)
  await assert.rejects(client.ask('/half'), /INTERNAL_ERROR|reset with 2/)
  assert.equal((await client.ask('/')).body, 'ok', 'the connection goes on')
  await server.stop()
})

test('a client that leaves aborts the signal, and only its own stream', async (t) => {
  const server = await start(t, app)
  const client = new Client(t, server)
  const stream = client.session.request({ ':path': '/hang' })
  stream.on('error', () => undefined)
  await client.ask('/')
  stream.close(http2.constants.NGHTTP2_CANCEL)
  await server.until('the signal', () => server.project.read('app.log').includes('aborted AbortError'))
  assert.equal((await client.ask('/')).status, 200)
  assert.deepEqual((await accessLines<Line>(server, 3)).map(brief).sort(), [
    'HTTP/2.0 / 200 complete',
    'HTTP/2.0 / 200 complete',
    'HTTP/2.0 /hang 499 aborted',
  ])
  await server.stop()
})

test('request_timeout ends a stream with 503', async (t) => {
  const server = await start(t, app, 'request_timeout: 0.3,')
  const client = new Client(t, server)
  const late = await client.ask('/hang')
  assert.deepEqual([late.status, late.body], [503, 'the request took too long\n'])
  assert.equal((await client.ask('/')).status, 200)
  await server.until('the signal', () => server.project.read('app.log').includes('aborted TimeoutError'))
  assert.ok((await accessLines<Line>(server, 2)).map(brief).includes('HTTP/2.0 /hang 503 timeout'))
  await server.stop()
})

test('the limits of HTTP/1 hold, and an early response ends an upload', async (t) => {
  const server = await start(
    t,
    app,
    'limit_request_body: "1000B", limit_request_fields: 10, ' + 'limit_request_line: ' + '100,',
  )
  const client = new Client(t, server)
  const many = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`x-${index}`, '1']))
  for (const [path, headers, body, status] of [
    [`/${'a'.repeat(100)}`, {}, undefined, 414],
    ['/', many, undefined, 431],
    ['/read', { 'content-length': '1001' }, 'x'.repeat(1001), 413],
    ['/read', {}, 'x'.repeat(1000), 200],
    ['/a#b', {}, undefined, 400],
    ['/early', {}, 'x'.repeat(500), 401],
  ] as const)
    assert.equal((await client.ask(path, headers, body)).status, status, path)
  assert.equal((await client.ask('/read', { expect: '100-continue' }, 'abc')).interim[0], 100)
  assert.equal((await client.ask('/read', { expect: 'x' }, 'abc')).status, 417)
  await server.stop()
})

test('streams are counted as requests, and their connection as one', async (t) => {
  const server = await start(t, app, `control_socket: 'control.sock', workers: 1,`)
  const client = new Client(t, server)
  const streams = Array.from({ length: 5 }, () => client.session.request({ ':path': '/hang' }))
  for (const stream of streams) stream.on('error', () => undefined)
  await eventually('the figures', async () => {
    const { body } = await ask(`unix:${server.project.path('control.sock')}`, '/status')
    const { requests, connections } = JSON.parse(body) as {
      readonly requests: { readonly busy: number }
      readonly connections: number
    }
    return (requests.busy === 5 && connections === 1) || undefined
  })
  for (const stream of streams) stream.close()
  await server.stop()
})

test('in a reload streams finish, and no request of a client that heeds GOAWAY fails', async (t) => {
  const server = await start(t, app, 'workers: 2,')
  let isOver = false
  let responses = 0
  const work = Array.from({ length: 8 }, async () => {
    let client = new Client(t, server)
    let isLeaving = false
    client.session.on('goaway', () => (isLeaving = true))
    while (!isOver) {
      if (isLeaving) {
        client.session.close()
        isLeaving = false
        client = new Client(t, server)
        client.session.on('goaway', () => (isLeaving = true))
      }
      const answer = await client.ask('/wait').catch((error: unknown) => {
        // Node's client refuses itself what was not sent before GOAWAY arrived.
        assert.ok(isLeaving && /REFUSED_STREAM/.test(String(error)), String(error))
      })
      if (answer === undefined) continue
      assert.deepEqual([answer.status, answer.body], [200, 'waited'])
      responses += 1
    }
    client.session.close()
  })
  for (let count = 1; count <= 3; count += 1) {
    server.signal('SIGHUP')
    await server.until(
      'the reload',
      () => (server.project.read('error.log').match(/reload done/g) ?? []).length === count,
    )
  }
  isOver = true
  await Promise.all(work)
  assert.ok(responses > 20)
  await server.stop()
})

test('what HTTP/1 allows a response, HTTP/2 allows too', async (t) => {
  const routes = `
const routes = {
  '/chunked': (req, res) => { res.setHeader('Transfer-Encoding', 'chunked'); res.write('abc'); res.end('def') },
  '/304': (req, res) => { res.writeHead(304, { 'transfer-encoding': 'chunked' }); res.end() },
  '/trailers': (req, res) => { res.writeHead(200, { trailer: 'x-t' }); res.write('abc'); res.addTrailers({ 'x-t': '1' }); res.end() },
  '/timeout': (req, res) => { res.setTimeout(50, () => res.end('timed out')) },
  '/options': (req, res) => { req.socket.setNoDelay(true).setKeepAlive(true, 1000).ref().unref(); res.end(req.socket.address().family) },
}
export default (req, res) => routes[req.url](req, res)\n`
  const server = await start(t, routes)
  const client = new Client(t, server)
  const bodies = ['/chunked', '/304', '/trailers', '/timeout', '/options'].map(async (path) => {
    const { status, body } = await client.ask(path)
    return `${path} ${status} ${body}`
  })
  assert.deepEqual(await Promise.all(bodies), [
    '/chunked 200 abcdef',
    '/304 304 ',
    '/trailers 200 abc',
    '/timeout 200 timed out',
    '/options 200 IPv4',
  ])
  const head = await client.ask('/chunked', { ':method': 'HEAD' })
  assert.deepEqual([head.status, head.body], [200, ''])
  const stream = client.session.request({ ':path': '/trailers' })
  stream.resume()
  const [trailers] = (await once(stream, 'trailers')) as [http2.IncomingHttpHeaders]
  assert.equal(trailers['x-t'], '1')
  await server.stop()
  assert.doesNotMatch(server.project.read('error.log'), /\[(?:WARN|ERROR|FATAL)\]/)
})

test('a response that breaks off is reset, and its line has what has left', async (t) => {
  const cut = `
const big = Buffer.alloc(3_000_000)
const routes = {
  '/destroy': (req, res) => { res.writeHead(200, { 'content-length': 10 }); res.write('abc', () => res.destroy()) },
  '/socket': (req, res) => { res.write('abc', () => req.socket.destroy(new Error('mine'))) },
  '/unread': (req, res) => { res.end(big) },
}
export default (req, res) => routes[req.url](req, res)\n`
  const server = await start(t, cut)
  const client = new Client(t, server)
  for (const path of ['/destroy', '/socket']) await assert.rejects(client.ask(path), /INTERNAL_ERROR/, path)
  const unread = client.session.request({ ':path': '/unread' })
  unread.on('error', () => undefined)
  await once(unread, 'response')
  unread.close(http2.constants.NGHTTP2_CANCEL)
  const all = await accessLines<Line>(server, 3)
  assert.deepEqual(all.map(brief), [
    'HTTP/2.0 /destroy 200 aborted',
    'HTTP/2.0 /socket 200 aborted',
    'HTTP/2.0 /unread 200 aborted',
  ])
  const [destroyed, socket, big] = all.map(({ bytes }) => bytes)
  assert.deepEqual([destroyed, socket], [3, 3])
  assert.ok(big !== undefined && big < 1_000_000, `${big} bytes`)
  await server.stop()
})

test('without "h1" clients of HTTP/1 get a 505, and a preface that breaks off has its line', async (t) => {
  const server = await startServer(
    createProject(t, {
      'app.js': app,
      'server.config.js': config(`header_timeout: 1, loglevel: 'debug',`).replace(
        h2,
        `http_protocols: ['h2']`,
      ),
      'access.log': '',
      'error.log': '',
      'app.log': '',
    }),
  )
  assert.equal((await ask(server.url, '/')).status, 505)
  assert.equal((await new Client(t, server).ask('/signal')).status, 200)
  const half = 'PRI * HTTP/2.0\r\n'
  assert.match(await sendRaw(server.url, half), /^HTTP\/1\.1 408 /)
  const short = new RawClient(server)
  short.socket.end(half)
  assert.match(await short.closed(), /^HTTP\/1\.1 400 /)
  const all = await accessLines<Line>(server, 4)
  assert.deepEqual(
    all.map(({ status, outcome }) => `${status} ${outcome}`),
    ['505 invalid', '200 complete', '408 invalid', '400 invalid'],
  )
  await server.stop()
  assert.match(server.project.read('error.log'), /refused with 505: http_protocols has no "h1"/)
})

test('a WebSocket over HTTP/2 reaches the upgrade handler of the app', async (t) => {
  const source = `import { WebSocketServer } from 'ws'
const sockets = new WebSocketServer({ noServer: true })
export default (req, res) => res.end('ok')
export const upgrade = (req, socket, head) => sockets.handleUpgrade(req, socket, head, (ws) => ws.on('message', (data) => ws.send('echo ' + data)))\n`
  const server = await start(t, source, '', ['ws'])
  const client = new Client(t, server)
  await once(client.session, 'remoteSettings')
  const stream = client.session.request(
    {
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':path': '/chat',
      ':scheme': 'http',
      ':authority': 'a',
      'sec-websocket-version': '13',
    },
    { endStream: false },
  )
  const [head] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders]
  assert.equal(head[':status'], 200)
  // A masked text frame (RFC 6455, 5.7), and the frame that comes back.
  stream.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]))
  const [frame] = (await once(stream, 'data')) as [Buffer]
  assert.equal(frame.subarray(2).toString(), 'echo hi')
  server.signal('SIGTERM')
  const [closing] = (await once(stream, 'data')) as [Buffer]
  assert.deepEqual([...closing], [0x88, 2, 1012 >> 8, 1012 & 0xff])
  stream.end(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 1012 >> 8, 1012 & 0xff]))
  await server.exit()
  assert.deepEqual(recordsOf<Line>(server.project, 'access.log').map(brief), ['HTTP/2.0 /chat 101 complete'])
})
