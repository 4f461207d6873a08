// What a real server sends, logs and counts when a connection does not carry one request after another:
// pipelining, garbage, early responses, clients that leave. All on raw sockets.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Status } from '../../src/control/protocol.ts'
import { ask, sendRaw } from '../helpers/http.ts'
import { RawClient, refusedWith } from '../helpers/raw-client.ts'
import { accessLines, recordsOf } from '../helpers/records.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

interface Line {
  readonly method: string | null
  readonly path: string | null
  readonly status: number
  readonly bytes: number
  readonly outcome: string
}

/** `/hold/NAME` is answered when another request asks for `/release/NAME`. */
const app = `
const held = new Map()
const routes = {
  hold: (name, req, res) => { held.set(name, () => res.end('held ' + name)); console.log('holds ' + name) },
  half: (name, req, res) => { res.write('first half'); held.set(name, () => res.end(', second half')); console.log('holds ' + name) },
  release: (name, req, res) => { held.get(name)(); res.end() },
  big: (size, req, res) => {
    req.signal.addEventListener('abort', () => console.log('signal ' + req.signal.reason.name))
    res.end(Buffer.alloc(Number(size), 'x'))
  },
  pieces: (size, req, res) => {
    for (let left = Number(size); left > 0; left -= 100_000) res.write(Buffer.alloc(100_000, 'x'))
    res.end()
  },
  free: (name, req, res) => { for (const end of held.values()) end(); res.end('freed') },
  early: (status, req, res) => { res.statusCode = Number(status); res.end('no') },
  async body(name, req, res) { let size = 0; for await (const chunk of req) size += chunk.length; res.end('body ' + size) },
  block: (name, req, res) => { for (;;); },
  fields: (name, req, res) => res.end(String(req.rawHeaders.length / 2)),
  limits: (name, req, res) => res.end(JSON.stringify([req.socket.server.headersTimeout, req.socket.server.requestTimeout])),
}
export default (req, res) => {
  const [, route, value] = req.url.split('/')
  return (routes[route] ?? ((_, req, res) => res.end('plain')))(value, req, res)
}
`

const config = (settings: string): string => `import { appendFileSync } from 'node:fs'
export default { app: './app.js', bind: '127.0.0.1:0', accesslog: 'access.log', access_log_format: 'json',
  control_socket: 'control.sock',
  post_request: (worker, req) => appendFileSync('hooks.txt', req.url + '\\n'),
  ${settings} }\n`

function start(t: TestContext, settings = ''): Promise<RunningServer> {
  const files = { 'app.js': app, 'server.config.js': config(settings), 'hooks.txt': '', 'access.log': '' }
  return startServer(createProject(t, files))
}

const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n${more}\r\n`

/** Dates and the headers of keep-alive are left out. */
function plain(text: string): string {
  return text.replace(/(?:Date|Keep-Alive|Connection: keep-alive).*\r\n/g, '')
}

const ok = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`
const brief = ({ path, status, outcome }: Line): string => `${path} ${status} ${outcome}`

/** Stops the server; then nothing more can be logged. Returns the whole log without `/release`. */
async function finished(server: RunningServer): Promise<string[]> {
  await server.stop()
  return recordsOf<Line>(server.project, 'access.log')
    .filter(({ path }) => !path?.startsWith('/release'))
    .map(brief)
}

const release = (server: RunningServer, name: string): Promise<unknown> => ask(server.url, `/release/${name}`)

async function busyUntil(server: RunningServer, wanted: number): Promise<void> {
  await eventually(`${wanted} busy requests`, async () => {
    const { body } = await ask(`unix:${server.project.path('control.sock')}`, '/status')
    return (JSON.parse(body) as Status).requests.busy === wanted ? true : undefined
  })
}

test(
  'garbage behind pipelined requests gets its 400 after their responses, and never inside of ' + 'one',
  async (t) => {
    const server = await start(t)
    const client = new RawClient(server).send(get('/half/a') + get('/hold/b') + 'GARBAGE\r\n\r\n')
    await server.says(/holds b/)
    await client.until(() => client.text.includes('first half'))
    client.send('more garbage\r\n\r\n')
    await release(server, 'b')
    await release(server, 'a')
    const half =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nfirst half\r\nd\r\n, second ' +
      'half\r\n0\r\n\r\n'
    assert.equal(plain(await client.closed()), half + ok('held b') + refusedWith('400 Bad Request'))
    assert.deepEqual(await finished(server), [
      '/half/a 200 complete',
      '/hold/b 200 complete',
      'null 400 invalid',
    ])
  },
)

test('a bad chunk of a pipelined upload waits for the responses before it', async (t) => {
  const server = await start(t)
  const upload = 'POST /body HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\nXYZ\r\n'
  const client = new RawClient(server).send(get('/half/a') + upload)
  await server.says(/holds a/)
  await client.until(() => client.text.includes('first half'))
  await release(server, 'a')
  const text = plain(await client.closed())
  assert.ok(text.endsWith(`0\r\n\r\n${refusedWith('400 Bad Request')}`), text)
  assert.deepEqual(await finished(server), ['/half/a 200 complete', '/body 400 invalid'])
})

test('data behind `Connection: close` is ignored: the request gets its response', async (t) => {
  const server = await start(t)
  for (const more of [get('/second'), 'GARBAGE\r\n\r\n']) {
    const client = new RawClient(server).send(get('/hold/a', 'connection: close\r\n') + more)
    await server.says(/holds a/)
    client.send(get('/third'))
    await release(server, 'a')
    assert.equal(plain(await client.closed()), ok('held a').replace('\r\n', '\r\nConnection: close\r\n'))
  }
  assert.deepEqual(await finished(server), ['/hold/a 200 complete', '/hold/a 200 complete'])
})

test('pipelined requests whose connection ends are all finished: lines, hooks, counts', async (t) => {
  for (const settings of ['', 'request_timeout: 60']) {
    const server = await start(t, settings)
    const client = new RawClient(server).send(get('/hold/a') + get('/hold/b') + get('/early/200'))
    await server.says(/holds b/)
    await busyUntil(server, 3)
    client.socket.destroy()
    await busyUntil(server, 0)
    const sorted = (await accessLines<Line>(server, 3)).map(brief).sort()
    assert.deepEqual(sorted, ['/early/200 499 aborted', '/hold/a 499 aborted', '/hold/b 499 aborted'])
    await server.stop()
    assert.equal(recordsOf<Line>(server.project, 'access.log').length, 3)
    assert.deepEqual(server.project.read('hooks.txt').trim().split('\n').sort(), [
      '/early/200',
      '/hold/a',
      '/hold/b',
    ])
  }
})

test('a drain answers all requests that were pipelined, and only the last ends the connection', async (t) => {
  const server = await start(t)
  const client = new RawClient(server).send(get('/hold/a') + get('/hold/b'))
  await server.says(/holds b/)
  server.signal('SIGTERM')
  await eventually('the drain', () =>
    ask(server.url).then(
      () => undefined,
      () => true,
    ),
  )
  client.send(get('/hold/c') + get('/free'))
  const expected = ok('held a') + ok('held b') + ok('held c')
  const text = plain(await client.closed())
  assert.equal(text, expected + ok('freed').replace('\r\n', '\r\nConnection: close\r\n'))
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
})

test('the report of a stuck worker names all pipelined requests, and each has its line', async (t) => {
  const server = await start(t, 'timeout: 1')
  const client = new RawClient(server).send(get('/hold/a') + get('/block/b'))
  await server.says(/is ready after/, 2)
  await client.closed()
  assert.match(server.stderr, /GET \/hold\/a age_ms=/)
  assert.match(server.stderr, /GET \/block\/b age_ms=/)
  assert.deepEqual(await finished(server), ['/hold/a 500 crashed', '/block/b 500 crashed'])
})

for (const route of ['big', 'pieces']) {
  test(`a download that the client breaks off (${route}) is aborted, and counts what has left`, async (t) => {
    const server = await start(t)
    const size = 60_000_000
    const client = new RawClient(server).send(get('/plain') + get(`/${route}/${size}`))
    await client.until(() => client.received > 3_000_000)
    client.socket.destroy()
    const { received } = client
    if (route === 'big') await server.says(/signal AbortError/)
    const [, line] = await accessLines<Line>(server, 2)
    assert.ok(line)
    assert.equal(brief(line), `/${route}/${size} 200 aborted`)
    assert.ok(line.bytes >= received - 1000 && line.bytes < size, `${line.bytes} bytes, received ${received}`)
    await server.stop()
  })
}

test('a download that is complete counts its body, whatever the client does then', async (t) => {
  const server = await start(t)
  const size = 20_000_000
  const client = new RawClient(server).send(get(`/big/${size}`, 'connection: close\r\n'))
  await client.closed()
  assert.ok(client.received > size)
  const [line] = await accessLines<Line>(server, 1)
  assert.deepEqual([line?.outcome, line?.bytes], ['complete', size])
  await server.stop()
  assert.doesNotMatch(server.stdout, /signal/)
})

test('an early response to an upload whose client closes then is the only line', async (t) => {
  const server = await start(t)
  for (const status of [401, 413]) {
    const head = `POST /early/${status} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\npart`
    const client = new RawClient(server).send(head)
    await client.until(() => client.text.endsWith('no'))
    client.socket.end()
    const text = await client.closed()
    assert.equal(text.split('HTTP/1.1').length, 2, text)
  }
  const chunked = 'POST /early/401 HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n'
  const client = new RawClient(server).send(chunked)
  await client.until(() => client.text.endsWith('no'))
  client.send('no chunk\r\n')
  assert.equal((await client.closed()).split('HTTP/1.1').length, 2)
  assert.deepEqual(await finished(server), [
    '/early/401 401 complete',
    '/early/413 413 complete',
    '/early/401 401 complete',
  ])
})

const shortChecks = 'header_timeout: 0.5, body_timeout: 0.5,'

test(
  'a connection that never sends a byte is closed without a line, half a head gets a 408 and ' + 'one',
  async (t) => {
    const server = await start(t, shortChecks)
    const silent = new RawClient(server)
    assert.equal(await silent.closed(), '')
    assert.equal(await sendRaw(server.url, 'GET / HT'), refusedWith('408 Request Timeout'))
    assert.deepEqual(await finished(server), ['null 408 invalid'])
  },
)

test('no header field is dropped: all reach the app, or the request is refused', async (t) => {
  const server = await start(t, 'limit_request_fields: 0,')
  const head = (count: number): string => get('/fields', `connection: close\r\n${'a:1\r\n'.repeat(count)}`)
  const tooLarge = refusedWith('431 Request Header Fields Too Large')
  assert.match(await sendRaw(server.url, head(900)), /\r\n\r\n902$/)
  const many = await sendRaw(server.url, head(2500))
  if (many !== tooLarge) assert.match(many, /\r\n\r\n2502$/)
  assert.equal(await sendRaw(server.url, head(10_000)), tooLarge)
  await server.stop()
})

test('an upload has no time limit as long as it goes on; one that stalls gets a 408', async (t) => {
  const server = await start(t, shortChecks)
  assert.match((await ask(server.url, '/limits')).body, /^\[500,0\]$/)
  const head = 'POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n'
  const living = new RawClient(server).send(head)
  const early = new RawClient(server).send(head.replace('body', 'early/401'))
  for (let sent = 0; sent < 10; sent += 1) {
    await delay(150) // ten times this is longer than the limit for a silence
    living.send('x')
  }
  await living.until(() => living.text.endsWith('body 10'))
  const stalled = new RawClient(server).send(`${head}12345`)
  assert.equal(await stalled.closed(), refusedWith('408 Request Timeout'))
  assert.match(await early.closed(), /^HTTP\/1.1 401 [^]*no$/)
  living.socket.destroy()
  assert.deepEqual((await finished(server)).sort(), [
    '/body 200 complete',
    '/body 408 invalid',
    '/early/401 401 complete',
    '/limits 200 complete',
  ])
})
