// The access log of a real server: one line for each request, however it ends, and nothing that a client or
// the app sends can break or forge a line.

import assert from 'node:assert/strict'
import http from 'node:http'
import { once } from 'node:events'
import { after, before, test, type TestContext } from 'node:test'
import { ask, connectTo, sendRaw } from '../helpers/http.ts'
import { recordsOf } from '../helpers/records.ts'
import { createProject, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'
import { hostileStrings } from '../unit/logging/access/sample.ts'

interface Line {
  readonly time: string
  readonly nr: number
  readonly pid: number
  readonly remote_addr: string | null
  readonly method: string | null
  readonly path: string | null
  readonly query: string | null
  readonly protocol: string | null
  readonly status: number
  readonly bytes: number
  readonly duration_ms: number
  readonly referer: string | null
  readonly user_agent: string | null
  readonly host: string | null
  readonly outcome: string
}

const app = `
import { setTimeout as delay } from 'node:timers/promises'
const routes = {
  '/text': (req, res) => res.end('hello, wörld'),
  '/json': (req, res) => { res.setHeader('content-type', 'application/json'); res.write('{"a":'); res.end('1}') },
  '/none': (req, res) => { res.statusCode = 204; res.end('not sent') },
  '/same': (req, res) => { res.statusCode = 304; res.end() },
  async '/stream'(req, res) { for (let n = 0; n < 5; n += 1) { res.write('x'.repeat(1000)); await delay(20) } res.end() },
  async '/slow'(req, res) { await delay(300); res.end('late') },
  '/hang'() { console.log('hangs') },
  '/half'(req, res) { res.write('x'.repeat(100)); console.log('half') },
  async '/echo'(req, res) { let size = 0; for await (const chunk of req) size += chunk.length; res.end(String(size)) },
  '/hostile'(req, res) { res.setHeader('x-from', 'a" 200 "b\\t\\\\'); res.end() },
}
export default (req, res) => {
  const route = routes[req.url.split('?')[0]] ?? routes['/text']
  return route(req, res)
}
export function upgrade(req, socket) {
  if (req.url === '/refuse') return socket.end('HTTP/1.1 403 Forbidden\\r\\nconnection: close\\r\\n\\r\\n')
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nupgrade: echo\\r\\nconnection: upgrade\\r\\n\\r\\n')
  socket.pipe(socket)
}
`

const config = (settings: string): string => `import { defineConfig } from 'tsgun'
export default defineConfig({ app: './app.js', bind: ['127.0.0.1:0', 'unix:server.sock'], accesslog: 'access.log', access_log_format: 'json', ${settings}
  post_worker_init({ server }) {
    if (!server || process.env.SHORT === undefined) return
    // Node checks for slow requests every 30 s; the tests need shorter checks.
    Reflect.set(server, 'connectionsCheckingInterval', 20)
    server.headersTimeout = 1000
    server.requestTimeout = 1500
  },
})\n`

let project: Project
let server: RunningServer
const ends: (() => Promise<void>)[] = []

before(async () => {
  // createProject uses nothing else
  const context = { after: (step: () => Promise<void>) => void ends.push(step) } as unknown as TestContext
  project = createProject(context, { 'app.js': app, 'server.config.ts': config('') })
  server = await startServer(project)
})

after(async () => {
  await server.stop()
  for (const end of ends) await end()
})

/**
 * Returns what a step adds to the log. If a step adds more lines than expected, the next test fails at the
 * latest.
 */
async function added(step: () => Promise<unknown>, count = 1): Promise<Line[]> {
  const start = recordsOf<Line>(project, 'access.log').length
  await step()
  await server.until(`${count} lines`, () => recordsOf<Line>(project, 'access.log').length >= start + count)
  const lines = recordsOf<Line>(project, 'access.log').slice(start)
  assert.equal(lines.length, count)
  return lines
}

async function one(step: () => Promise<unknown>): Promise<Line> {
  const [line] = await added(step)
  return line ?? assert.fail('no line')
}

function shows(line: Line, wanted: Partial<Line>): void {
  for (const [name, value] of Object.entries(wanted))
    assert.equal(line[name as keyof Line], value, `${name} of ${JSON.stringify(line)}`)
}

test('the line of a request has the client, the request and the result', async () => {
  const before = Date.now()
  const headers = { referer: 'http://a.example/', 'user-agent': 'probe/1' }
  const line = await one(() =>
    ask(server.url, '/text?q=1&r=ü'.replace('ü', '%C3%BC'), { method: 'PUT', headers, body: 'x' }),
  )
  shows(line, {
    nr: 0,
    remote_addr: '127.0.0.1',
    method: 'PUT',
    path: '/text',
    query: 'q=1&r=%C3%BC',
    protocol: 'HTTP/1.1',
  })
  shows(line, {
    status: 200,
    bytes: 13,
    referer: 'http://a.example/',
    user_agent: 'probe/1',
    outcome: 'complete',
  })
  shows(line, { host: new URL(server.url).host, pid: server.workerPids[0] ?? 0 })
  assert.ok(Date.parse(line.time) >= before - 1000 && Date.parse(line.time) <= Date.now() + 1000)
  assert.ok(line.duration_ms > 0 && line.duration_ms < 60_000)
})

test(
  'the byte count is that of the sent body: none for HEAD, 204 and 304, all bytes of a ' + 'stream',
  async () => {
    shows(await one(() => ask(server.url, '/text', { method: 'HEAD' })), {
      status: 200,
      bytes: 0,
      method: 'HEAD',
    })
    shows(await one(() => ask(server.url, '/none')), { status: 204, bytes: 0 })
    shows(await one(() => ask(server.url, '/same')), { status: 304, bytes: 0 })
    shows(await one(() => ask(server.url, '/json')), { status: 200, bytes: 7 })
    const stream = await one(() => ask(server.url, '/stream'))
    shows(stream, { status: 200, bytes: 5000, outcome: 'complete' })
    assert.ok(stream.duration_ms >= 80, `${stream.duration_ms} ms`)
  },
)

test('the duration ends when the response is complete', async () => {
  const { duration_ms } = await one(() => ask(server.url, '/slow'))
  assert.ok(duration_ms >= 290 && duration_ms < 60_000, `${duration_ms} ms`)
})

test('each request of a keep-alive connection has its line, pipelined or not', async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const lines = await added(async () => {
    for (const path of ['/text?1', '/text?2', '/text?3']) await ask(server.url, path, { agent })
  }, 3)
  assert.deepEqual(
    lines.map(({ query }) => query),
    ['1', '2', '3'],
  )
  agent.destroy()
  const request = (query: string, more = ''): string =>
    `GET /text?${query} HTTP/1.1\r\nhost: x\r\n${more}\r\n`
  const pipelined = await added(
    () => sendRaw(server.url, request('a') + request('b', 'connection: close\r\n')),
    2,
  )
  assert.deepEqual(
    pipelined.map(({ query }) => query),
    ['a', 'b'],
  )
})

test('a unix socket has no client address', async () => {
  shows(await one(() => ask(`unix:${project.path('server.sock')}`, '/text')), {
    remote_addr: null,
    status: 200,
  })
})

test(
  'a request whose client disconnects is logged as aborted, with the status it received, or 499 ' +
    'without one',
  async () => {
    for (const [path, said, status, bytes] of [
      ['/hang', 'hangs', 499, 0],
      ['/half', 'half', 200, 100],
    ] as const) {
      const line = await one(async () => {
        const socket = connectTo(server.url)
        socket.on('error', () => undefined)
        const times = server.stdout.split(said).length
        socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`)
        await server.says(new RegExp(said), times)
        socket.destroy()
      })
      shows(line, { path, status, bytes, outcome: 'aborted' })
    }
  },
)

test('an invalid request has a line: 400, and 431 for a head that is too large', async () => {
  const bad = await one(async () =>
    assert.match(await sendRaw(server.url, 'NOT HTTP AT ALL\r\n\r\n'), /^HTTP\/1\.1 400 /),
  )
  shows(bad, {
    status: 400,
    outcome: 'invalid',
    method: null,
    path: null,
    protocol: null,
    remote_addr: '127.0.0.1',
  })
  const head = `GET / HTTP/1.1\r\nhost: x\r\nx-large: ${'x'.repeat(40_000)}\r\n\r\n`
  shows(await one(() => sendRaw(server.url, head)), { status: 431, outcome: 'invalid', method: null })
})

test('a request without Host is refused, and the line has its target', async () => {
  const line = await one(async () =>
    assert.match(await sendRaw(server.url, 'GET /text HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 400 /),
  )
  shows(line, { status: 400, method: 'GET', path: '/text', host: null, outcome: 'invalid' })
})

test('a request whose body becomes invalid ends with that one line', async () => {
  const head = 'POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n'
  const line = await one(async () =>
    assert.match(await sendRaw(server.url, `${head}5\r\nhello\r\nXYZ\r\n`), /^HTTP\/1\.1 400 /),
  )
  shows(line, { method: 'POST', path: '/echo', status: 400, outcome: 'invalid' })
})

test('a request that arrives too slowly gets a 408 and one line', async (t) => {
  const slow = createProject(t, { 'app.js': app, 'server.config.ts': config('') })
  const other = await startServer(slow, { environment: { SHORT: '1' } })
  assert.match(await sendRaw(other.url, 'GET /text HTTP/1.1\r\nhost:'), /^HTTP\/1\.1 408 /)
  assert.match(
    await sendRaw(other.url, 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc'),
    /^HTTP\/1\.1 408 /,
  )
  await other.stop()
  const [head, body, ...more] = recordsOf<Line>(slow, 'access.log')
  assert.deepEqual(more, [])
  shows(head ?? assert.fail(), { status: 408, outcome: 'invalid', method: null })
  shows(body ?? assert.fail(), { status: 408, outcome: 'invalid', method: 'POST', path: '/echo' })
})

test('an upgraded connection has its line when it ends, with the status that the app has sent', async () => {
  const head = (path: string): string =>
    `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\nuser-agent: ws\r\n\r\n`
  const line = await one(async () => {
    const socket = connectTo(server.url)
    socket.write(head('/chat?room=1'))
    await once(socket, 'data')
    socket.end('hello')
    await once(socket.resume(), 'close')
  })
  shows(line, {
    method: 'GET',
    path: '/chat',
    query: 'room=1',
    status: 101,
    outcome: 'complete',
    user_agent: 'ws',
  })
  assert.ok(line.bytes > 5 && line.bytes < 200, `${line.bytes}`)
  shows(await one(() => sendRaw(server.url, head('/refuse'))), { path: '/refuse', status: 403 })
})

test('an upgrade request to an app without an upgrade handler gets an ordinary response', async (t) => {
  const plain = createProject(t, {
    'app.js': `export default (req, res) => res.end('plain')\n`,
    'server.config.ts': config(''),
  })
  const other = await startServer(plain)
  const offer = {
    connection: 'Upgrade, HTTP2-Settings',
    upgrade: 'h2c',
    'http2-settings': 'AAMAAABkAAQAAP__',
  }
  assert.equal((await ask(other.url, '/', { headers: offer })).body, 'plain')
  await other.stop()
  assert.equal(recordsOf<Line>(plain, 'access.log').length, 1)
})

/**
 * All that a request head can contain: one byte per character, without line breaks and NUL, which end it.
 */
const sendable = hostileStrings
  .map((text) =>
    Buffer.from(text, 'utf8')
      .toString('latin1')
      .replace(/[\r\n\0]/g, ''),
  )
  .filter((text) => text !== '')

test('nothing that a client sends forges or breaks a line', async () => {
  const tried = sendable.length
  const lines = await added(async () => {
    for (const text of sendable) {
      const url = text.replace(/[\s\u0000-\u001f\u007f]/g, '')
      const field = text.replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, '')
      const user = Buffer.from(`${text}:secret`, 'latin1').toString('base64')
      const head =
        `GET /text?${url} HTTP/1.1\r\nhost: x\r\nuser-agent: ${field}\r\nreferer: ` +
        `${field}\r\nauthorization: Basic ${user}\r\nconnection: close\r\n\r\n`
      const socket = connectTo(server.url)
      socket.end(Buffer.from(head, 'latin1'))
      await once(socket.resume(), 'close')
    }
  }, tried)
  for (const line of lines) {
    assert.ok(line.status === 200 || line.status === 400, JSON.stringify(line))
    assert.equal(line.remote_addr, '127.0.0.1')
  }
  assert.match(project.read('access.log'), /^[\n -~]*$/, 'printable ASCII and nothing else')
})

const atoms =
  '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(m)s %(U)s %(q)s %(H)s %(s)s %(B)s %(b)s "%(f)s" "%(a)s" %(T)s ' +
  '%(M)s %(D)s %(L)s %(p)s'

test('a line can have every gunicorn atom, request headers, response headers and variables', async (t) => {
  const format = `${atoms} "%({x-in}i)s" "%({X-From}o)s" "%({content-type}o)s" %({REGION}e)s %({NONE}e)s`
  const text = createProject(t, {
    'app.js': app,
    'server.config.ts': config(
      `env: { REGION: 'eu-1' }, access_log_format: ${JSON.stringify(format)},`,
    ).replace("access_log_format: 'json', ", ''),
  })
  const other = await startServer(text)
  const headers = {
    authorization: `Basic ${Buffer.from('eve" 200:x').toString('base64')}`,
    'x-in': 'in "quotes"',
    'user-agent': 'probe',
  }
  await ask(other.url, '/hostile?a=1', { headers })
  await ask(other.url, '/json')
  const [pid] = other.workerPids
  await other.stop()
  const [first = '', second = '', ...more] = text.read('access.log').split('\n')
  assert.deepEqual(more, [''])
  assert.match(
    first,
    new RegExp(
      String.raw`^127\.0\.0\.1 - eve\\"\\x20200 \[\d\d/\w{3}/\d{4}:[\d:]+ [+-]\d{4}\] "GET /hostile\?a=1 HTTP/1\.1" GET /hostile a=1 HTTP/1\.1 200 0 - "-" "probe" \d+ \d+ \d+ \d+\.\d{6} <${pid}> "in \\"quotes\\"" "a\\" 200 \\"b\\x09\\\\" "-" eu-1 -$`,
    ),
  )
  assert.match(
    second,
    /"GET \/json HTTP\/1\.1" GET \/json {2}HTTP\/1\.1 200 7 7 .* "-" "-" "application\/json" eu-1 -$/,
  )
})

test('common and combined are the formats that web log tools read', async (t) => {
  for (const [name, tail] of [
    ['common', ''],
    ['combined', ' "http://a.example/" "probe \\\\"x\\\\""'],
  ] as const) {
    const text = createProject(t, {
      'app.js': app,
      'server.config.ts': config('').replace("'json'", `'${name}'`),
    })
    const other = await startServer(text)
    await ask(other.url, '/text', { headers: { referer: 'http://a.example/', 'user-agent': 'probe "x"' } })
    await sendRaw(other.url, 'NOT HTTP\r\n\r\n')
    await other.stop()
    const [first = '', second = ''] = text.read('access.log').split('\n')
    const stamp = String.raw`\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]`
    assert.match(first, new RegExp(`^127\\.0\\.0\\.1 - - ${stamp} "GET /text HTTP/1\\.1" 200 13${tail}$`))
    assert.match(second, new RegExp(`^127\\.0\\.0\\.1 - - ${stamp} "-" 400 -${tail && ' "-" "-"'}$`))
  }
})

test('without an access log no line is written, and the app serves as usual', async (t) => {
  const none = createProject(t, {
    'app.js': app,
    'server.config.ts': config('').replace("'access.log'", 'null'),
  })
  const other = await startServer(none)
  assert.equal((await ask(other.url, '/text')).status, 200)
  assert.match(await sendRaw(other.url, 'NOT HTTP\r\n\r\n'), /400/)
  await other.stop()
  assert.doesNotMatch(other.stdout + other.stderr, /GET|NOT HTTP/)
})
