// The end of connections of HTTP/2: by keepalive, by garbage, and in a drain with its health check, its delay
// and its time limit.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import {
  data,
  flags,
  frame,
  FrameClient,
  ping,
  preface,
  request,
  reset,
  settings,
  types,
  uint32,
} from '../helpers/http2-frames.ts'
import { Client } from '../helpers/http2-client.ts'
import { recordsOf } from '../helpers/records.ts'
import { createProject, repository, startServer, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const app = `import { drainSignal } from 'tsgun'
const routes = {
  '/wait': (req, res) => { console.log('waits'); setTimeout(() => res.end('waited'), 3000) },
  '/hang': () => console.log('hangs'),
  '/events': (req, res) => {
    res.write('one ')
    drainSignal.addEventListener('abort', () => res.end('bye'))
  },
}
export default (req, res) => (routes[req.url] ?? ((req, res) => res.end('ok')))(req, res)
`

const fixtures = `${repository}/test/fixtures/tls`
const withTls = `bind: 'https://127.0.0.1:0', certfile: '${fixtures}/cert.pem', keyfile: '${fixtures}/key.pem',`

function start(t: TestContext, settings = ''): Promise<RunningServer> {
  const config = `export default { app: './app.js', bind: '127.0.0.1:0', http_protocols: ['h2', 'h1'],
    accesslog: 'access.log', access_log_format: 'json', applog: 'app.log', loglevel: 'debug', workers: 1, ${settings} }\n`
  const logs = { 'access.log': '', 'app.log': '' }
  return startServer(createProject(t, { 'app.js': app, 'server.config.js': config, ...logs }))
}

const saysInApp = (server: RunningServer, text: string): Promise<void> =>
  server.until(text, () => server.project.read('app.log').includes(text))

/** The last streams that GOAWAY has named. */
const lastStreams = (client: FrameClient): number[] =>
  client.of(types.goaway).map(({ payload }) => payload.readUInt32BE(0))

const outcomes = ({ project }: RunningServer): string[] =>
  recordsOf<{ path: string; status: number; outcome: string }>(project, 'access.log')
    .map(({ path, status, outcome }) => `${path} ${status} ${outcome}`)
    .sort()

test('an idle connection is ended by keepalive with GOAWAY, one with a stream is not', async (t) => {
  const server = await start(t, 'keepalive: 1,')
  const idle = await FrameClient.open(server.url)
  const busy = await FrameClient.open(server.url)
  idle.send(request(1))
  busy.send(request(1, { ':path': '/wait' }))
  const from = performance.now()
  await idle.until('its end', () => idle.isClosed)
  assert.ok(performance.now() - from >= 900)
  assert.deepEqual([idle.codeOf(types.goaway), idle.statusOf(1)], ['NO_ERROR', 200])
  await busy.until('the response', () => busy.hasEnded(1))
  assert.equal(busy.statusOf(1), 200)
  assert.deepEqual(lastStreams(busy), [], 'more streams are welcome meanwhile')
  busy.send(request(3))
  await busy.until('a second response', () => busy.hasEnded(3))
  assert.equal(busy.statusOf(3), 200)
  await busy.until('its end', () => busy.isClosed)
  assert.equal(busy.codeOf(types.goaway), 'NO_ERROR')
  await server.stop()
})

test('keepalive begins anew when a client resets its last stream', async (t) => {
  const server = await start(t, 'keepalive: 1,')
  const client = await FrameClient.open(server.url)
  client.send(request(1, { ':path': '/hang' }))
  await delay(1500) // more than keepalive
  assert.deepEqual(lastStreams(client), [])
  client.send(reset(1))
  await client.until('its end', () => client.isClosed)
  assert.equal(client.codeOf(types.goaway), 'NO_ERROR')
  await server.stop()
})

test('PING does not keep an idle connection', async (t) => {
  const server = await start(t, 'keepalive: 1,')
  const client = await FrameClient.open(server.url)
  client.send(request(1))
  const timer = setInterval(() => client.send(ping()), 100)
  await client.until('its end', () => client.isClosed)
  clearInterval(timer)
  assert.equal(client.codeOf(types.goaway), 'NO_ERROR')
  await server.stop()
})

test('garbage behind the preface ends its connection alone, with a line at debug', async (t) => {
  const server = await start(t)
  const [pid] = server.workerPids
  const others = new Client(t, server)
  for (const garbage of [
    Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
    Buffer.alloc(100_000, 0xff),
    frame(types.goaway, 0, 7, uint32(0, 0)),
  ]) {
    const client = new FrameClient(server.url)
    client.send(preface, settings(), garbage)
    await client.until('its end', () => client.isClosed || client.of(types.goaway).length > 0)
    client.socket.destroy()
    assert.equal((await others.ask('/')).body, 'ok')
  }
  await server.says(/\[DEBUG\] .*refused/i)
  assert.equal(server.workerPids[0], pid)
  assert.doesNotMatch(server.stderr, /\[(?:WARN|ERROR|FATAL)\]/)
  others.session.close()
  await server.stop()
})

test('a client that leaves at any moment harms no one', async (t) => {
  const server = await start(t)
  const [pid] = server.workerPids
  const bytes = Buffer.concat([
    preface,
    settings(),
    request(1, { ':method': 'POST' }, flags.endHeaders),
    data(1, 'test', 0),
    request(3, { ':path': '/hang' }),
    data(1, 'test'),
  ])
  for (let length = 1; length <= bytes.length; length += 3) {
    const client = new FrameClient(server.url)
    await client.sendAll(bytes.subarray(0, length))
    if (length % 2 === 0) client.socket.resetAndDestroy()
    else client.socket.end()
    await client.until('its end', () => client.isClosed)
  }
  assert.equal((await new Client(t, server).ask('/')).body, 'ok')
  assert.equal(server.workerPids[0], pid, server.report())
  server.signal('SIGTERM')
  await server.exit()
  assert.doesNotMatch(server.stderr, /cut off|\[(?:WARN|ERROR|FATAL)\]/)
})

test('a drain says GOAWAY twice, serves what is on its way, and lets streams finish', async (t) => {
  const server = await start(t)
  const client = await FrameClient.open(server.url)
  client.send(request(1, { ':path': '/wait' }))
  await saysInApp(server, 'waits')
  server.signal('SIGTERM')
  await client.until('the first GOAWAY', () => client.of(types.goaway).length === 1)
  client.send(request(3))
  await client.until('the response on its way', () => client.hasEnded(3))
  assert.equal(client.statusOf(3), 200)
  await client.until('the second GOAWAY', () => client.of(types.goaway).length === 2)
  assert.deepEqual(lastStreams(client), [2 ** 31 - 1, 3])
  await client.until('the end of the stream', () => client.hasEnded(1))
  assert.equal(client.statusOf(1), 200)
  await client.until('the end', () => client.isClosed)
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  assert.deepEqual(outcomes(server), ['/ 200 complete', '/wait 200 complete'])
})

test('with TLS a drain says once which requests it serves', async (t) => {
  const server = await start(t, withTls)
  const client = await FrameClient.open(server.url)
  client.send(request(1, { ':path': '/wait' }))
  await saysInApp(server, 'waits')
  server.signal('SIGTERM')
  await client.until('GOAWAY', () => client.of(types.goaway).length > 0)
  client.send(request(3))
  await client.until('the end', () => client.isClosed)
  assert.deepEqual(new Set(lastStreams(client)), new Set([1]))
  assert.deepEqual([client.statusOf(1), client.statusOf(3)], [200, undefined])
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  assert.deepEqual(outcomes(server), ['/wait 200 complete'])
})

test('in reloads with TLS a client that repeats what was not served gets each response', async (t) => {
  const server = await start(t, `${withTls} workers: 2,`)
  let isOver = false
  let [responses, repeated] = [0, 0]
  const work = Array.from({ length: 8 }, async () => {
    const options = { rejectUnauthorized: false }
    let client = new Client(t, server, options)
    while (!isOver) {
      if (client.session.closed || client.session.destroyed) client = new Client(t, server, options)
      try {
        assert.equal((await client.ask('/')).body, 'ok')
        responses += 1
      } catch (error) {
        // What a server refuses it has not begun (RFC 9113, 8.7).
        assert.match(String(error), /REFUSED_STREAM|GOAWAY|reset with 7$/)
        repeated += 1
        client.session.close()
      }
    }
    client.session.close()
  })
  for (let count = 1; count <= 3; count += 1) {
    server.signal('SIGHUP')
    await server.says(/reload done/, count)
  }
  isOver = true
  await Promise.all(work)
  t.diagnostic(`${responses} responses, ${repeated} requests were repeated`)
  assert.ok(responses > 100 && repeated < responses / 10)
  await server.stop()
})

test('a drain closes an idle connection, and one that has had no stream', async (t) => {
  const server = await start(t, 'keepalive: 60,')
  const [used, unused] = [await FrameClient.open(server.url), await FrameClient.open(server.url)]
  used.send(request(1))
  await used.until('a response', () => used.hasEnded(1))
  const from = performance.now()
  server.signal('SIGTERM')
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  assert.ok(performance.now() - from < 10_000, 'not after keepalive or graceful_timeout')
  await Promise.all([used, unused].map((client) => client.until('its end', () => client.isClosed)))
  for (const client of [used, unused]) assert.equal(client.codeOf(types.goaway), 'NO_ERROR')
})

test('graceful_timeout cuts off a stream that never ends, and names it', async (t) => {
  const server = await start(t, 'graceful_timeout: 1,')
  const client = await FrameClient.open(server.url)
  client.send(request(1, { ':path': '/hang' }))
  await saysInApp(server, 'hangs')
  server.signal('SIGTERM')
  await client.until('the end', () => client.isClosed)
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  assert.match(server.stderr, /cut off 1 request at graceful_timeout .*GET \/hang/)
  assert.deepEqual(outcomes(server), ['/hang 499 aborted'])
})

test('server-sent events that heed drainSignal end in a drain', async (t) => {
  const server = await start(t)
  const response = new Client(t, server).ask('/events')
  const other = new Client(t, server)
  await other.ask('/')
  server.signal('SIGTERM')
  assert.equal((await response).body, 'one bye')
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
})

test('during drain_delay the health check fails over HTTP/2, and all else is served', async (t) => {
  const server = await start(t, `health_check: '/health', drain_delay: 2,`)
  const client = new Client(t, server)
  assert.equal((await client.ask('/health')).status, 200)
  server.signal('SIGTERM')
  await eventually('503', async () => (await client.ask('/health')).status === 503 || undefined)
  assert.equal((await client.ask('/')).status, 200)
  const late = new Client(t, server)
  assert.deepEqual([(await late.ask('/health')).status, (await late.ask('/')).status], [503, 200])
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
})
