// request_timeout and req.signal on a real server: a request that takes too long gets a 503 or is cut off,
// the app is notified, and no other request is affected.

import assert from 'node:assert/strict'
import http from 'node:http'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { ask, connectTo, cutOff, sendRaw } from '../helpers/http.ts'
import { count } from '../helpers/routes.ts'
import { recordsOf } from '../helpers/records.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'

/**
 * Code that the apps share. `heard` waits for the signal and then a little longer, like an app that stops
 * late.
 */
const helpers = `
import { setTimeout as delay } from 'node:timers/promises'
export const heard = async (signal) => {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  await delay(30)
}
export const rejected = (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
export const told = (name, signal) => { console.log(name + ' went on after ' + signal.reason.name) }
`

const imports =
  `import { heard, rejected, told } from './helpers.js'\nimport { PassThrough } from ` + `'node:stream'\n`

/**
 * One app of each kind: /late and /stream end long after they were cut off, /reject rejects with the
 * signal's reason.
 */
const apps: Readonly<Record<string, { readonly packages?: readonly string[]; readonly source: string }>> = {
  'request listener': {
    source: `const routes = {
  async '/late'(req, res) {
    await heard(req.signal)
    res.setHeader('x-late', '1'); res.writeHead(200); res.write('late'); res.end('r'); res.write('still'); res.end('more')
    told('/late', req.signal)
  },
  async '/stream'(req, res) { res.write('begin'); await heard(req.signal); res.write('late'); res.end('r'); told('/stream', req.signal) },
  '/reject': (req) => rejected(req.signal),
  '/quick': (req, res) => { res.end('quick') },
}
export default (req, res) => routes[req.url](req, res)`,
  },
  Express: {
    packages: ['express'],
    source: `import express from 'express'
const app = express()
app.use(express.json())
app.get('/late', async (req, res) => { await heard(req.signal); res.set('x-late', '1').json({ late: true }); told('/late', req.signal) })
app.get('/stream', async (req, res) => { res.write('begin'); await heard(req.signal); res.write('late'); res.end('r'); told('/stream', req.signal) })
app.get('/reject', (req) => rejected(req.signal))
app.get('/quick', (req, res) => { res.send('quick') })
export default app`,
  },
  Koa: {
    packages: ['koa'],
    source: `import Koa from 'koa'
const routes = {
  async '/late'(ctx) { await heard(ctx.req.signal); ctx.set('x-late', '1'); ctx.body = { late: true }; told('/late', ctx.req.signal) },
  '/stream'(ctx) {
    const body = new PassThrough()
    body.write('begin')
    ctx.body = body
    void heard(ctx.req.signal).then(() => { body.end('late'); told('/stream', ctx.req.signal) })
  },
  '/reject': (ctx) => rejected(ctx.req.signal),
  '/quick': (ctx) => { ctx.body = 'quick' },
}
export default new Koa().use((ctx) => routes[ctx.path](ctx))`,
  },
  Fastify: {
    packages: ['fastify'],
    source: `import fastify from 'fastify'
const app = fastify()
app.get('/late', async ({ raw }, reply) => { await heard(raw.signal); told('/late', raw.signal); return reply.header('x-late', '1').send({ late: true }) })
app.get('/stream', ({ raw }, reply) => {
  const body = new PassThrough()
  body.write('begin')
  void heard(raw.signal).then(() => { body.end('late'); told('/stream', raw.signal) })
  return reply.send(body)
})
app.get('/reject', ({ raw }) => rejected(raw.signal))
app.get('/quick', async () => 'quick')
export default app`,
  },
  'fetch object': {
    source: `const routes = {
  async '/late'({ signal }) { await heard(signal); told('/late', signal); return new Response('late') },
  '/stream'({ signal }) {
    const { readable, writable } = new TransformStream()
    const writer = writable.getWriter()
    void writer.write(new TextEncoder().encode('begin'))
    void heard(signal).then(() => { told('/stream', signal); return writer.close() }).catch(() => {})
    return new Response(readable)
  },
  '/reject': ({ signal }) => rejected(signal),
  '/quick': () => new Response('quick'),
}
export default { fetch: (request) => routes[new URL(request.url).pathname](request) }`,
  },
  Hono: {
    packages: ['hono'],
    source: `import { Hono } from 'hono'
import { stream } from 'hono/streaming'
const app = new Hono()
app.get('/late', async (c) => { await heard(c.req.raw.signal); told('/late', c.req.raw.signal); return c.json({ late: true }) })
app.get('/stream', (c) => stream(c, async (body) => {
  await body.write('begin')
  await heard(c.req.raw.signal)
  told('/stream', c.req.raw.signal)
}))
app.get('/reject', (c) => rejected(c.req.raw.signal))
app.get('/quick', (c) => c.text('quick'))
export default app`,
  },
}

interface Line {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly bytes: number
  readonly outcome: string
}

interface Started {
  readonly server: RunningServer
  /** The access lines of a path, once there are this many. */
  lines(path: string, least?: number): Promise<Line[]>
}

async function start(
  t: TestContext,
  source: string,
  settings = '',
  packages: readonly string[] = [],
): Promise<Started> {
  const files = {
    'helpers.js': helpers,
    'app.js': imports + source,
    'server.config.js':
      `export default { app: './app.js', bind: '127.0.0.1:0', keepalive: 20, accesslog: ` +
      `'access.log', ` +
      `access_log_format: 'json', ${settings} }\n`,
  }
  const server = await startServer(createProject(t, files, packages))
  const all = (path: string): Line[] =>
    recordsOf<Line>(server.project, 'access.log').filter((line) => line.path === path)
  const lines = async (path: string, least = 1): Promise<Line[]> => {
    await server.until(`${least} access lines of ${path}`, () => all(path).length >= least)
    return all(path)
  }
  return { server, lines }
}

for (const [kind, { source, packages }] of Object.entries(apps)) {
  test(`${kind}: a request that takes too long gets a 503 or is cut off, its signal fires, and later output of the app is harmless`, async (t) => {
    const { server, lines } = await start(t, source, 'request_timeout: 0.6', packages)
    const [late, rejecting, stream] = await Promise.all([
      ask(server.url, '/late'),
      ask(server.url, '/reject'),
      sendRaw(server.url, 'GET /stream HTTP/1.1\r\nHost: a\r\n\r\n'),
      ask(server.url, '/quick'),
    ])
    for (const answer of [late, rejecting]) {
      assert.equal(answer.status, 503)
      assert.equal(answer.headers.connection, 'close')
      assert.equal(answer.headers['x-late'], undefined)
      assert.equal(answer.body, 'the request took too long\n')
    }
    assert.match(
      stream,
      /^HTTP\/1\.1 200 (OK)?\r\n[^]*\r\nbegin\r\n$/,
      'cut off, without the chunk that ends it',
    )
    await server.says(/\/late went on after TimeoutError/)
    await server.says(/\/stream went on after TimeoutError/)
    assert.equal((await ask(server.url, '/quick')).body, 'quick')
    await server.stop()

    const seen = async (path: string): Promise<unknown> =>
      (await lines(path)).map(({ status, bytes, outcome }) => ({ status, bytes, outcome }))
    assert.deepEqual(await seen('/late'), [{ status: 503, bytes: 26, outcome: 'timeout' }])
    assert.deepEqual(await seen('/reject'), [{ status: 503, bytes: 26, outcome: 'timeout' }])
    assert.deepEqual(await seen('/stream'), [{ status: 200, bytes: 5, outcome: 'timeout' }])
    const each =
      /\[WARN\] \[worker 0\] a request took longer than request_timeout: it got a 503 method=GET path=\/(late|reject) /
    assert.equal(count(server.stderr, each), 2, server.report())
    assert.match(
      server.stderr,
      /request_timeout: its connection was closed method=GET path=\/stream request_id=\S+ duration_ms=\d+/,
    )
    assert.doesNotMatch(
      server.stderr,
      /ERROR|FATAL/,
      'an error that only echoes the end of the request is none',
    )
  })
}

const hanging = `
export default (req, res) => {
  const name = req.method + ' ' + req.url
  if (req.url === '/quick') return res.end('quick')
  if (req.url === '/head') res.writeHead(200, { 'x-app': '1' })
  if (req.url === '/own') req.signal.onabort = () => res.end('the answer of the app')
  else req.signal.onabort = () => console.log(name + ' hears ' + req.signal.reason.name)
  console.log(name + ' hangs')
}
export function upgrade(req, socket) {
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nupgrade: echo\\r\\nconnection: upgrade\\r\\n\\r\\n')
  socket.pipe(socket)
}`

test('a response to HEAD has no body, a head that waits for its body is replaced, and a response to the signal is too late', async (t) => {
  const hook = `post_request: (worker, req) => console.log('after ' + req.url)`
  const { server, lines } = await start(t, hanging, `request_timeout: 0.2, ${hook}`)
  const head = await sendRaw(server.url, 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.match(head, /^HTTP\/1\.1 503 Service Unavailable\r\n[^]*Content-Length: 26\r\n\r\n$/)
  const replaced = await ask(server.url, '/head')
  assert.deepEqual([replaced.status, replaced.headers['x-app']], [503, undefined])
  assert.equal((await ask(server.url, '/own')).status, 503)
  assert.deepEqual(
    (await lines('/own')).map(({ status, bytes, outcome }) => [status, bytes, outcome]),
    [[503, 26, 'timeout']],
  )
  await server.stop()
  assert.equal(count(server.stdout, /after \/own/), 1, 'post_request runs once')
})

test('a client that still sends a body gets the 503 and no reset', async (t) => {
  const { server, lines } = await start(t, hanging, 'request_timeout: 0.3')
  const socket = connectTo(server.url)
  let answer = ''
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
  socket.write(`POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: ${64 * 1024 * 1024}\r\n\r\n`)
  const piece = Buffer.alloc(64 * 1024)
  const send = (): void =>
    void (socket.writable && answer === '' && socket.write(piece, () => setImmediate(send)))
  send()
  await once(socket, 'end') // an ECONNRESET would fail the test
  assert.match(answer, /^HTTP\/1\.1 503 /)
  assert.match(answer, /the request took too long\n$/)
  socket.destroy()
  assert.equal((await lines('/body'))[0]?.status, 503)
  await server.says(/POST \/body hears TimeoutError/)
  await server.stop()
})

test('of pipelined requests the first gets the 503, the others the end of the connection; each has one access line', async (t) => {
  const { server, lines } = await start(t, hanging, 'request_timeout: 0.3')
  const request = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
  const answers = await sendRaw(
    server.url,
    request('/quick') + request('/first') + request('/second') + request('/quick'),
  )
  assert.match(
    answers,
    /^HTTP\/1\.1 200 OK\r\n[^]*\r\nquickHTTP\/1\.1 503 [^]*\r\nthe request took too long\n$/,
  )
  await server.says(/GET \/second hears AbortError/)
  await server.stop()
  assert.deepEqual(
    (await lines('/first')).map(({ outcome }) => outcome),
    ['timeout'],
  )
  assert.deepEqual(
    (await lines('/second')).map(({ status, outcome }) => [status, outcome]),
    [[499, 'aborted']],
  )
  assert.equal((await lines('/quick', 2)).length, 2)
})

test('the limit is per request, not per connection, and a WebSocket has none', async (t) => {
  const { server } = await start(t, hanging, 'request_timeout: 0.3')
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  const upgraded = connectTo(server.url)
  upgraded.write('GET /ws HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n')
  await once(upgraded, 'data')
  const end = performance.now() + 1000
  while (performance.now() < end) {
    assert.equal((await ask(server.url, '/quick', { agent })).body, 'quick')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  upgraded.write('echo')
  assert.equal(String((await once(upgraded, 'data'))[0]), 'echo')
  upgraded.destroy()
  agent.destroy()
  assert.equal(count(server.stderr, /request_timeout/), 0, server.stderr)
  await server.stop()
})

test('req.signal fires when the client disconnects and when a drain cuts the request off, also without request_timeout', async (t) => {
  const { server } = await start(t, hanging, 'graceful_timeout: 0.3')
  const leaving = connectTo(server.url)
  leaving.write('GET /left HTTP/1.1\r\nHost: a\r\n\r\n')
  await server.says(/GET \/left hangs/)
  leaving.destroy()
  await server.says(/GET \/left hears AbortError/)
  const cut = ask(server.url, '/cut').then(String, (error: Error) => error.message)
  await server.says(/GET \/cut hangs/)
  await server.stop()
  assert.match(await cut, cutOff)
  assert.match(server.stdout, /GET \/cut hears AbortError/)
})

test('requests that ignore their signal are counted in server.workers, and do not delay a stop', async (t) => {
  const shown =
    `nworkers_changed: (server) => console.log('overdue ' + server.workers.map(({ overdue }) ` +
    '=> ' +
    'overdue).join())'
  const { server } = await start(
    t,
    hanging,
    `request_timeout: 0.2, timeout: 4, graceful_timeout: 600, ${shown}`,
  )
  await Promise.all(Array.from({ length: 25 }, () => ask(server.url, '/ignored')))
  const timedOut = (): number => count(server.stderr, /took longer than request_timeout: it got a 503/)
  const counted = (): number =>
    [...server.stderr.matchAll(/(\d+) more requests took longer than request_timeout/g)].reduce(
      (sum, [, more]) => sum + Number(more),
      0,
    )
  await server.until('25 late requests', () => timedOut() + counted() === 25)
  assert.ok(timedOut() >= 10 && counted() > 0, server.report())
  let isUp = false
  while (!/overdue 25/.test(server.stdout)) {
    const before = count(server.stdout, /overdue \d/)
    server.signal(isUp ? 'SIGTTOU' : 'SIGTTIN')
    isUp = !isUp
    await server.says(/overdue \d/, before + 1)
  }
  await server.stop() // long before graceful_timeout: they are finished, as far as the drain is concerned
})
