// Behind a proxy: which client and which scheme each framework shows, without a trust setting of its own and
// with one; what the access log has; and that nothing of one request shows in another.

import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { test, type TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { ask, connectTo, sendRaw } from '../helpers/http.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'

/** Express, Fastify, Koa and Nest trust the proxy themselves when TRUST is set. */
const apps: Readonly<Record<string, string>> = {
  express: `import express from 'express'
    const app = express()
    if (process.env.TRUST) app.set('trust proxy', 1)
    app.get('/', (req, res) => res.json({ ip: req.ip, scheme: req.protocol, host: req.host }))
    export default app`,
  express4: `import express from 'express4'
    const app = express()
    if (process.env.TRUST) app.set('trust proxy', 'loopback')
    app.get('/', (req, res) => res.json({ ip: req.ip, scheme: req.protocol, host: req.headers.host }))
    export default app`,
  fastify: `import fastify from 'fastify'
    const app = fastify({ trustProxy: process.env.TRUST ? 1 : false })
    app.get('/', (req) => ({ ip: req.ip, scheme: req.protocol, host: req.host }))
    export default app`,
  koa: `import Koa from 'koa'
    const app = new Koa({ proxy: Boolean(process.env.TRUST), maxIpsCount: 1 })
    app.use((ctx) => { ctx.body = { ip: ctx.ip, scheme: ctx.protocol, host: ctx.host } })
    export default app`,
  hono: `import { Hono } from 'hono'
    import { getConnInfo } from '@hono/node-server/conninfo'
    const app = new Hono()
    app.get('/', (c) => {
      const { protocol, host } = new URL(c.req.url)
      return c.json({ ip: getConnInfo(c).remote.address, scheme: protocol.slice(0, -1), host })
    })
    export default app`,
  h3: `import { H3, getRequestIP, getRequestProtocol, getRequestHost } from 'h3'
    const app = new H3()
    app.get('/', (event) => ({ ip: getRequestIP(event), scheme: event.url.protocol.slice(0, -1), host: event.url.host }))
    export default app`,
  fetch: `export default { fetch(request) {
      const { protocol, host } = new URL(request.url)
      return Response.json({ ip: request.ip, scheme: protocol.slice(0, -1), host })
    } }`,
  listener: `export default (req, res) => res.end(JSON.stringify({
      ip: req.socket.remoteAddress, scheme: req.socket.encrypted ? 'https' : 'http', host: req.headers.host }))`,
  nest: `import 'reflect-metadata'
    import { Controller, Get, Module, Req } from '@nestjs/common'
    import { NestFactory } from '@nestjs/core'
    @Controller() class Routes {
      @Get() show(@Req() req: any) { return { ip: req.ip, scheme: req.protocol, host: req.host } }
    }
    @Module({ controllers: [Routes] }) class Root {}
    const app = await NestFactory.create(Root, { logger: false })
    if (process.env.TRUST) app.set('trust proxy', 1)
    export default app`,
}

const packages = ['express', 'express4', 'fastify', 'koa', 'hono', '@hono/node-server', 'h3', 'ws']
const nest = ['reflect-metadata', '@nestjs/common', '@nestjs/core', '@nestjs/platform-express', 'typescript']

interface Setup {
  readonly settings?: string
  readonly environment?: NodeJS.ProcessEnv
  readonly bind?: string
}

function start(t: TestContext, app: string, { settings = '', environment = {}, bind }: Setup = {}) {
  const config = `export default { app: './app.ts', bind: '${bind ?? '127.0.0.1:0'}', accesslog: 'access.log',
    access_log_format: 'json', loglevel: 'debug', ${settings} }\n`
  const tsconfig = '{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true } }'
  const files = { 'app.ts': app, 'server.config.js': config, 'access.log': '', 'tsconfig.json': tsconfig }
  return startServer(createProject(t, files, [...packages, ...nest]), { environment })
}

const addresses = async (server: RunningServer, count: number): Promise<unknown[]> => {
  const lines = (): string[] => server.project.read('access.log').trim().split('\n').filter(Boolean)
  await server.until(`${count} access lines`, () => lines().length >= count)
  return lines().map((line) => (JSON.parse(line) as { remote_addr: unknown }).remote_addr)
}

const seen = async (server: RunningServer, headers: Record<string, string>): Promise<unknown> => {
  const { status, body } = await ask(server.url, '/', { headers })
  return status === 200 ? JSON.parse(body) : status
}

for (const [name, app] of Object.entries(apps)) {
  test(`${name} sees client, scheme and host, with and without a trust setting of its own`, async (t) => {
    for (const environment of [{}, { TRUST: '1' }]) {
      const server = await start(t, app, { environment })
      const headers = {
        'X-Forwarded-For': '6.6.6.6, 203.0.113.7',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Host': 'shop.example',
      }
      const expected = { ip: '203.0.113.7', scheme: 'https', host: 'shop.example' }
      assert.deepEqual(await seen(server, headers), expected)
      assert.deepEqual(await seen(server, { Host: 'plain.example' }), {
        ip: '127.0.0.1',
        scheme: 'http',
        host: 'plain.example',
      })
      assert.deepEqual(await addresses(server, 2), ['203.0.113.7', '127.0.0.1'])
      await server.stop()
    }
  })
}

test('over a unix socket the proxy is trusted, unless no proxy is', async (t) => {
  const headers = { Host: 'a.example', 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Proto': 'https' }
  const bind = 'unix:app.sock'
  const trusting = await start(t, apps['listener'] ?? '', {
    bind,
    settings: `forwarded_allow_ips: '10.0.0.1'`,
  })
  assert.deepEqual(await seen(trusting, headers), { ip: '203.0.113.7', scheme: 'https', host: 'a.example' })
  await trusting.stop()
  const none = await start(t, apps['listener'] ?? '', { bind, settings: 'forwarded_allow_ips: []' })
  assert.deepEqual(await seen(none, headers), { scheme: 'http', host: 'a.example' })
  assert.deepEqual(await addresses(none, 1), [null])
  await none.stop()
})

const echo = `export default (req, res) => res.end(JSON.stringify({
  ip: req.socket.remoteAddress, names: req.rawHeaders.filter((_, at) => at % 2 === 0),
  headers: Object.keys(req.headers), distinct: Object.keys(req.headersDistinct) }))`

test('headers of a peer that is not trusted are kept or removed, and never read', async (t) => {
  const settings = `forwarded_allow_ips: ['10.0.0.0/8'], secure_scheme_headers: { 'X-Scheme': 'https' }`
  const headers = {
    Forwarded: 'for=1.2.3.4',
    'X-Forwarded-For': '1.2.3.4',
    'X-Real-IP': '1.2.3.4',
    'X-Scheme': 'https',
  }
  const keeping = await start(t, echo, { settings })
  const kept = (await seen(keeping, headers)) as { ip: string; names: string[] }
  assert.equal(kept.ip, '127.0.0.1')
  assert.deepEqual(kept.names.slice(0, 4), Object.keys(headers))
  await keeping.stop()
  const removing = await start(t, echo, { settings: `${settings}, untrusted_forwarded_headers: 'remove'` })
  assert.deepEqual(await seen(removing, { ...headers, A: '1' }), {
    ip: '127.0.0.1',
    names: ['A', 'Host', 'Connection'],
    headers: ['a', 'host', 'connection'],
    distinct: ['a', 'host', 'connection'],
  })
  await removing.stop()
})

test('FORWARDED_ALLOW_IPS is the default, as in gunicorn', async (t) => {
  const environment = { FORWARDED_ALLOW_IPS: '10.0.0.0/8, 192.168.0.1' }
  const server = await start(t, apps['listener'] ?? '', { environment })
  const headers = { Host: 'a.example', 'X-Forwarded-For': '203.0.113.7' }
  assert.deepEqual(await seen(server, headers), { ip: '127.0.0.1', scheme: 'http', host: 'a.example' })
  await server.stop()
})

test('contradictions are refused with 400 and logged, and the app does not see them', async (t) => {
  const app = `export default (req, res) => { console.log('app ' + req.url); res.end('{}') }`
  const server = await start(t, app)
  const cases: readonly Record<string, string>[] = [
    { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Ssl': 'off' },
    { 'X-Forwarded-For': '1.2.3.4', Forwarded: 'for=1.2.3.5' },
    { 'X-Forwarded-Proto': 'http', Forwarded: 'proto=https' },
    { 'X-Forwarded-Host': 'a.example', Forwarded: 'host=b.example' },
    { 'X-Forwarded-Host': 'evil/..' },
    { Forwarded: 'for="1.2.3.4, for=5.6.7.8' },
  ]
  for (const headers of cases) assert.equal(await seen(server, headers), 400, JSON.stringify(headers))
  const twice = 'X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n'
  assert.match(
    await sendRaw(server.url, `GET /twice HTTP/1.1\r\nHost: a\r\n${twice}\r\n`),
    /^HTTP\/1\.1 400 /,
  )
  const upgrade = 'Connection: upgrade\r\nUpgrade: websocket\r\n'
  assert.match(
    await sendRaw(server.url, `GET /up HTTP/1.1\r\nHost: a\r\n${upgrade}${twice}\r\n`),
    /^HTTP\/1\.1 400 /,
  )
  assert.deepEqual(new Set(await addresses(server, cases.length + 2)), new Set(['127.0.0.1']))
  assert.doesNotMatch(server.stdout, /app \//)
  await server.stop()
})

const late = `const before = []
export default (req, res) => {
  before.push(req)
  const send = () => res.end(before.map(({ url, socket }) => url + ' ' + socket.remoteAddress + ' ' + socket.encrypted).join(', '))
  if (req.url === '/slow') setTimeout(send, 100)
  else send()
}`

test('on one connection of a proxy each request keeps its client, also afterwards', async (t) => {
  const server = await start(t, late)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  const get = async (path: string, headers = {}): Promise<string> =>
    (await ask(server.url, path, { headers, agent })).body
  await get('/a', { 'X-Forwarded-For': '1.1.1.1', 'X-Forwarded-Proto': 'https' })
  await get('/b')
  await get('/c', { 'X-Forwarded-For': '2.2.2.2' })
  await get('/d', { 'X-Forwarded-For': '2.2.2.2' })
  assert.equal(
    await get('/e', { 'X-Forwarded-For': '[2001:db8::1]:443' }),
    '/a 1.1.1.1 true, /b 127.0.0.1 false, /c 2.2.2.2 false, /d 2.2.2.2 false, /e 2001:db8::1 false',
  )
  assert.deepEqual(await addresses(server, 5), ['1.1.1.1', '127.0.0.1', '2.2.2.2', '2.2.2.2', '2001:db8::1'])
  await server.stop()
})

test('pipelined requests of several clients keep theirs, and garbage behind them is the proxy’s', async (t) => {
  const server = await start(t, late)
  const request = (path: string, client: string): string =>
    `GET ${path} HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ${client}\r\n\r\n`
  const text = await sendRaw(
    server.url,
    `${request('/slow', '1.1.1.1')}${request('/b', '2.2.2.2')}${request('/c', '3.3.3.3')}garbage\r\n\r\n`,
  )
  assert.match(text, /\/slow 1\.1\.1\.1 false, \/b 2\.2\.2\.2 false, \/c 3\.3\.3\.3 false/)
  const logged = await addresses(server, 4)
  assert.deepEqual(logged.sort(), ['1.1.1.1', '127.0.0.1', '2.2.2.2', '3.3.3.3'])
  await server.stop()
})

test('a WebSocket has the address of its client, in the app and in the access log', async (t) => {
  const app = `import { WebSocketServer } from 'ws'
    const sockets = new WebSocketServer({ noServer: true })
    sockets.on('connection', (socket, req) => socket.send(req.socket.remoteAddress + ' ' + req.socket.encrypted))
    export const upgrade = (req, socket, head) => sockets.handleUpgrade(req, socket, head, (ws) => sockets.emit('connection', ws, req))
    export default (req, res) => res.end()`
  const server = await start(t, app)
  const headers = { 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Proto': 'wss' }
  const socket = new WebSocket(server.url.replace('http', 'ws'), { headers })
  const text = await new Promise<string>((resolve, reject) => {
    socket.once('error', reject)
    socket.once('message', (data: Buffer) => resolve(data.toString()))
  })
  assert.equal(text, '203.0.113.7 true')
  socket.close()
  assert.deepEqual(await addresses(server, 1), ['203.0.113.7'])
  await server.stop()
})

test('a request byte by byte is the same request', async (t) => {
  const server = await start(t, apps['listener'] ?? '')
  const socket = connectTo(server.url)
  t.after(() => socket.destroy())
  let text = ''
  socket.setNoDelay(true).on('data', (chunk: Buffer) => (text += chunk.toString()))
  for (const byte of 'GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9\r\nConnection: close\r\n\r\n') {
    await new Promise<void>((resolve) => socket.write(byte, () => resolve()))
  }
  await new Promise((resolve) => socket.once('close', resolve))
  assert.match(text, /"ip":"9\.9\.9\.9"/)
  await server.stop()
})

test('the waiting time is in the access log, if a trusted proxy has said when it got the request', async (t) => {
  for (const [settings, isKnown] of [
    ['', true],
    [`forwarded_allow_ips: '10.0.0.1'`, false],
  ] as const) {
    const server = await start(t, apps['listener'] ?? '', { settings })
    await ask(server.url, '/', { headers: { 'X-Request-Start': `t=${(Date.now() - 5000) / 1000}` } })
    await ask(server.url, '/')
    await addresses(server, 2)
    const [first, second] = server.project
      .read('access.log')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { queue_ms: number | null }).queue_ms)
    assert.equal(second, null)
    if (isKnown) assert.ok(first && first >= 5000 && first < 60_000, `${first}`)
    else assert.equal(first, null)
    await server.stop()
  }
})
