// Clients and proxies that speak HTTP/2: which protocol they get, whose address each stream shows, what
// limits and counts make of streams, and clients that stop in the middle.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import http2 from 'node:http2'
import { test, type TestContext } from 'node:test'
import tls from 'node:tls'
import { promisify } from 'node:util'
import {
  FrameClient,
  data,
  flags,
  preface,
  request,
  reset,
  settingIds,
  settings,
  types,
  windowUpdate,
} from '../helpers/http2-frames.ts'
import { ask } from '../helpers/http.ts'
import { Client } from '../helpers/http2-client.ts'
import { accessLines } from '../helpers/records.ts'
import { createProject, repository, startServer, type RunningServer } from '../helpers/tsgun.ts'

const app = `const report = (req, res) => {
  const { remoteAddress, encrypted } = req.socket
  res.end(JSON.stringify({ version: req.httpVersion, ip: remoteAddress, encrypted: encrypted === true,
    host: req.headers.host, forwarded: req.headers['x-forwarded-for'] ?? null }))
}
const routes = {
  '/trailers': async (req, res) => {
    let size = 0
    for await (const chunk of req) size += chunk.length
    res.end(JSON.stringify([size, req.trailers]))
  },
  '/upload': async (req, res) => {
    try { for await (const _ of req); console.log('the end') } catch (error) { console.log('the error ' + error.code) }
    res.end('done')
  },
  '/large': (req, res) => { res.on('close', () => console.log('closed ' + res.writableFinished)); res.end(Buffer.alloc(5_000_000)) },
  '/wait': (req, res) => {
    req.signal.addEventListener('abort', () => console.log('aborted ' + req.signal.reason.name))
    setTimeout(() => res.end('waited'), 1000)
  },
  '/block': () => { console.log('blocking'); for (;;); },
}
export default (req, res) => (routes[req.url] ?? report)(req, res)
`

interface Seen {
  readonly version: string
  readonly ip: string
  readonly encrypted: boolean
  readonly host: string
  readonly forwarded: string | null
}

const seenIn = (body: string): Seen => JSON.parse(body) as Seen // of the app above

const fixtures = `${repository}/test/fixtures/tls`
const withTls = `certfile: '${fixtures}/cert.pem', keyfile: '${fixtures}/key.pem',`

interface Setup {
  readonly source?: string
  readonly scheme?: string
  readonly protocols?: string
  readonly settings?: string
  readonly packages?: readonly string[]
}

function start(
  t: TestContext,
  { source = app, scheme = 'http', protocols = `['h2', 'h1']`, settings = '', packages = [] }: Setup = {},
): Promise<RunningServer> {
  const config = `export default { app: './app.js', bind: '${scheme}://127.0.0.1:0', workers: 1,
    http_protocols: ${protocols}, accesslog: 'access.log', access_log_format: 'json', applog: 'app.log',
    errorlog: 'error.log', loglevel: 'debug', ${scheme === 'https' ? withTls : ''} ${settings} }\n`
  const logs = { 'access.log': '', 'app.log': '', 'error.log': '' }
  return startServer(createProject(t, { 'app.js': source, 'server.config.js': config, ...logs }, packages))
}

interface Line {
  readonly path: string
  readonly status: number
  readonly outcome: string
  readonly protocol: string
  readonly remote_addr: string
}

const saysInApp = (server: RunningServer, text: string): Promise<void> =>
  server.until(text, () => server.project.read('app.log').includes(text))

/** Resolves with what curl writes: the version of HTTP, then the body. */
async function curl(...words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('curl', ['-ks', '-w', '%{stderr}%{http_version}', ...words], {
    encoding: 'utf8',
  }).then(({ stdout, stderr }) => ({ stdout: `${stderr} ${stdout}` }))
  return stdout
}

/** The protocol that is agreed on with a client that offers these. */
async function agreed(url: string, offered: readonly string[]): Promise<string | false | null> {
  const socket = tls.connect({
    host: '127.0.0.1',
    port: Number(new URL(url).port),
    rejectUnauthorized: false,
    ...(offered.length === 0 ? {} : { ALPNProtocols: [...offered] }),
  })
  await once(socket, 'secureConnect')
  socket.destroy()
  return socket.alpnProtocol
}

test('with TLS the handshake chooses the protocol, in the order of http_protocols', async (t) => {
  const server = await start(t, { scheme: 'https' })
  assert.match(await curl('--http2', `${server.url}/`), /^2 .*"version":"2\.0".*"encrypted":true/)
  assert.match(await curl('--http1.1', `${server.url}/`), /^1\.1 .*"version":"1\.1"/)
  assert.match(await curl('--no-alpn', `${server.url}/`), /^1\.1 /)
  assert.equal(await agreed(server.url, ['http/1.1', 'h2']), 'h2')
  assert.equal(await agreed(server.url, ['http/1.1']), 'http/1.1')
  assert.equal(await agreed(server.url, []), false)
  const { body } = await new Client(t, server, { rejectUnauthorized: false }).ask('/')
  assert.equal(seenIn(body).version, '2.0')
  await server.stop()

  const other = await start(t, { scheme: 'https', protocols: `['h1', 'h2']` })
  assert.equal(await agreed(other.url, ['h2', 'http/1.1']), 'http/1.1')
  assert.equal(await agreed(other.url, ['h2']), 'h2')
  await other.stop()

  const without = await start(t, { scheme: 'https', protocols: `['h1']` })
  assert.match(await curl('--http2', `${without.url}/`), /^1\.1 /)
  await without.stop()
})

test('in clear text a client has to know it; an upgrade is ignored', async (t) => {
  const server = await start(t)
  assert.match(await curl('--http2-prior-knowledge', `${server.url}/`), /^2 .*"version":"2\.0"/)
  assert.match(await curl('--http1.1', `${server.url}/`), /^1\.1 .*"version":"1\.1"/)
  assert.match(await curl('--http2', `${server.url}/`), /^1\.1 .*"version":"1\.1"/)
  assert.match(
    await curl('--http2-prior-knowledge', '-d', 'x'.repeat(100_000), `${server.url}/upload`),
    /done$/,
  )
  await server.stop()
})

test('each stream of a proxy has its own client', async (t) => {
  const server = await start(t)
  const client = new Client(t, server)
  const forwarded = [
    { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'shop.example' },
    { 'x-forwarded-for': '6.6.6.6, 203.0.113.8', 'x-forwarded-proto': 'http' },
    {},
  ]
  const seen = await Promise.all(forwarded.map((headers) => client.ask('/', headers)))
  const { host } = new URL(server.url)
  assert.deepEqual(
    seen.map(({ body }) => [seenIn(body).ip, seenIn(body).encrypted, seenIn(body).host]),
    [
      ['203.0.113.7', true, 'shop.example'],
      ['203.0.113.8', false, host],
      ['127.0.0.1', false, host],
    ],
  )
  const contradiction = { 'x-forwarded-proto': 'https', 'x-forwarded-ssl': 'off' }
  assert.equal((await client.ask('/', contradiction)).status, 400)
  assert.equal(seenIn((await client.ask('/')).body).ip, '127.0.0.1', 'the connection lives')
  const addresses = (await accessLines<Line>(server, 5)).map(
    ({ remote_addr, status }) => `${remote_addr} ${status}`,
  )
  assert.deepEqual(addresses.sort(), [
    '127.0.0.1 200',
    '127.0.0.1 200',
    '127.0.0.1 400',
    '203.0.113.7 200',
    '203.0.113.8 200',
  ])
  await server.stop()
})

test('frameworks show the client of each stream', async (t) => {
  const source = `import express from 'express'
const app = express()
app.get('/', (req, res) => res.json([req.ip, req.protocol, req.secure]))
export default app`
  const server = await start(t, { source, packages: ['express'] })
  const client = new Client(t, server)
  const answers = await Promise.all(
    [1, 2, 3].map((last) =>
      client.ask('/', {
        'x-forwarded-for': `10.0.0.${last}`,
        'x-forwarded-proto': last === 2 ? 'http' : 'https',
      }),
    ),
  )
  assert.deepEqual(
    answers.map(({ body }) => JSON.parse(body) as unknown),
    [
      ['10.0.0.1', 'https', true],
      ['10.0.0.2', 'http', false],
      ['10.0.0.3', 'https', true],
    ],
  )
  await server.stop()
})

test('headers of a client that is no proxy are kept or removed, and never read', async (t) => {
  for (const [setting, forwarded] of [
    ['keep', '1.2.3.4'],
    ['remove', null],
  ] as const) {
    const settings = `forwarded_allow_ips: ['10.0.0.1'], untrusted_forwarded_headers: '${setting}',`
    const server = await start(t, { settings })
    const { body } = await new Client(t, server).ask('/', { 'x-forwarded-for': '1.2.3.4' })
    assert.deepEqual([seenIn(body).ip, seenIn(body).forwarded], ['127.0.0.1', forwarded])
    await server.stop()
  }
})

/** The body of the response on stream 1. */
async function bodyOf(client: FrameClient): Promise<string> {
  await client.until('the response', () => client.hasEnded(1))
  return Buffer.concat(client.of(types.data, 1).map(({ payload }) => payload)).toString()
}

test('behind the PROXY protocol a connection of HTTP/2 has its client', async (t) => {
  const server = await start(t, { settings: `proxy_protocol: 'on',` })
  const client = new FrameClient(server.url)
  const header = Buffer.from('PROXY TCP4 203.0.113.9 192.0.2.1 4711 80\r\n')
  client.send(header, preface, settings(), request(1))
  assert.equal(seenIn(await bodyOf(client)).ip, '203.0.113.9')
  client.socket.destroy()
  const [line] = await accessLines<Line>(server, 1)
  assert.deepEqual([line?.remote_addr, line?.protocol], ['203.0.113.9', 'HTTP/2.0'])
  await server.stop()
})

test('a unix socket serves HTTP/2, and trusts its proxy', async (t) => {
  const server = await start(t, { settings: `bind: 'unix:http.sock',` })
  const client = await FrameClient.open(`unix:${server.project.path('http.sock')}`)
  client.send(request(1, { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' }))
  const seen = seenIn(await bodyOf(client))
  assert.deepEqual([seen.ip, seen.encrypted, seen.version], ['203.0.113.9', true, '2.0'])
  client.socket.destroy()
  await server.stop()
})

test('limits refuse a stream, and the connection lives', async (t) => {
  const settings = 'limit_request_field_size: 100, limit_request_fields: 20, limit_request_body: "1000B",'
  const server = await start(t, { settings })
  const client = new Client(t, server)
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`x-${index}`, '1']))
  for (const [status, headers, body] of [
    [431, { 'x-long': 'a'.repeat(101) }, undefined],
    [431, many, undefined],
    [413, { ':path': '/upload' }, 'a'.repeat(2000)],
    [400, { ':authority': 'a b' }, undefined],
    [400, { ':authority': 'u:p@a' }, undefined],
    [400, { ':authority': 'a/b' }, undefined],
    [400, { ':path': '/a#b' }, undefined],
    [400, { ':path': 'no-slash' }, undefined],
  ] as const) {
    // nghttp2 resets some of them itself.
    const seen = await client.ask('/', headers, body).then(
      (answer) => answer.status,
      (error: Error) => (/reset with 1$|PROTOCOL_ERROR/.test(error.message) ? 400 : error),
    )
    assert.equal(seen, status, JSON.stringify(headers))
    assert.equal((await client.ask('/')).status, 200)
  }
  await server.stop()
})

test('max_connections counts connections, not streams', async (t) => {
  const server = await start(t, { settings: 'max_connections: 2, keepalive: 60,' })
  const [first, second] = [new Client(t, server), new Client(t, server)]
  const streams = await Promise.all(
    [first, second].flatMap((client) => Array.from({ length: 30 }, () => client.ask('/wait'))),
  )
  assert.ok(streams.every(({ body }) => body === 'waited'))
  const third = ask(server.url, '/')
  await server.until('a full worker', () =>
    /it has 2 \(its share of max_connections\)/.test(server.project.read('error.log')),
  )
  assert.equal(await Promise.race([third, first.ask('/wait').then(() => 'waits')]), 'waits')
  first.session.destroy()
  assert.equal((await third).status, 200)
  await server.stop()
})

test('a client that resets its stream aborts the request, also with request_timeout', async (t) => {
  const server = await start(t, { settings: 'request_timeout: 30,' })
  const client = new Client(t, server)
  const stream = client.session.request({ ':path': '/wait' })
  stream.on('error', () => undefined)
  await client.ask('/')
  stream.close(http2.constants.NGHTTP2_CANCEL)
  await saysInApp(server, 'aborted AbortError')
  assert.equal((await client.ask('/wait')).body, 'waited')
  const found = (await accessLines<Line>(server, 3)).map(
    ({ path, status, outcome }) => `${path} ${status} ${outcome}`,
  )
  assert.deepEqual(found.sort(), ['/ 200 complete', '/wait 200 complete', '/wait 499 aborted'])
  await server.stop()
})

test('trailers of a request are in req.trailers', async (t) => {
  const server = await start(t)
  const client = new Client(t, server)
  const stream = client.session.request(
    { ':method': 'POST', ':path': '/trailers' },
    { waitForTrailers: true },
  )
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-checksum': 'abc', 'X-Second': '1' }))
  stream.end('12345')
  let body = ''
  for await (const chunk of stream.setEncoding('utf8')) body += String(chunk)
  assert.deepEqual(JSON.parse(body), [5, { 'x-checksum': 'abc', 'x-second': '1' }])
  await server.stop()
})

for (const scheme of ['http', 'https'])
  test(`an upload that breaks off over ${scheme} is an error to the app, not an end`, async (t) => {
    const server = await start(t, { scheme })
    // Not with Node's client: it ends the body before it resets the stream.
    for (const breakOff of [reset(1), undefined]) {
      const client = await FrameClient.open(server.url)
      client.send(request(1, { ':method': 'POST', ':path': '/upload' }, flags.endHeaders), data(1, 'abc', 0))
      await client.isTaken()
      if (breakOff) client.send(breakOff)
      else client.socket.destroy()
      await client.isTaken()
      client.socket.destroy()
    }
    await server.until(
      'two errors',
      () => (server.project.read('app.log').match(/the error ECONNRESET/g) ?? []).length === 2,
    )
    assert.doesNotMatch(server.project.read('app.log'), /the end/)
    const found = (await accessLines<Line>(server, 2)).map(
      ({ path, status, outcome }) => `${path} ${status} ${outcome}`,
    )
    assert.deepEqual(found, ['/upload 499 aborted', '/upload 499 aborted'])
    await server.stop()
  })

test('a client that does not read a response, or does not send a body, is ended by body_timeout', async (t) => {
  const server = await start(t, { settings: 'body_timeout: 1, keepalive: 60,' })
  const client = await FrameClient.open(server.url, [settingIds.window, 10])
  client.send(request(1, { ':path': '/large' }))
  client.send(request(3, { ':path': '/upload', ':method': 'POST' }, flags.endHeaders), data(3, 'abc', 0))
  await client.until('both ends', () => client.hasEnded(1) && client.hasEnded(3))
  assert.equal(client.isClosed, false)
  assert.notEqual(client.codeOf(types.reset, 1), undefined, 'no client takes it for the whole response')
  assert.equal(client.statusOf(3), 408)
  client.send(request(5), windowUpdate(5, 1000))
  await client.until('the response', () => client.hasEnded(5))
  assert.equal(client.statusOf(5), 200, 'the connection lives')
  client.socket.destroy()
  await saysInApp(server, 'closed false')
  const found = (await accessLines<Line>(server, 3)).map(
    ({ path, status, outcome }) => `${path} ${status} ${outcome}`,
  )
  assert.deepEqual(found.sort(), ['/ 200 complete', '/large 200 aborted', '/upload 408 invalid'])
  await server.stop()
})

test('the report of a stuck worker names the requests of its streams', async (t) => {
  const server = await start(t, { settings: 'timeout: 2,' })
  const client = new Client(t, server)
  for (const path of ['/wait', '/block'])
    client.session.request({ ':path': path }).on('error', () => undefined)
  await saysInApp(server, 'blocking')
  const report = (): string => server.project.read('error.log')
  await server.until(
    'the report',
    () => /is stuck in/.test(report()) && /is ready after[^]*is ready after/.test(report()),
  )
  assert.match(report(), /GET \/block/)
  assert.match(report(), /GET \/wait/)
  assert.equal((await new Client(t, server).ask('/')).status, 200)
  await server.stop()
})
