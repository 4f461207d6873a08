// What a client may send to a real server, how large and how slowly; and clients from the field: such that
// wait for 100 Continue, that upload more than the app wants, that speak HTTP/1.0.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ask, sendRaw } from '../helpers/http.ts'
import { residentBytes, childrenOf } from '../helpers/processes.ts'
import { RawClient, refusedWith } from '../helpers/raw-client.ts'
import { recordsOf } from '../helpers/records.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'

const app = `
const routes = {
  '/read': async (req, res) => {
    let size = 0
    try { for await (const chunk of req) size += chunk.length } catch (error) { return console.log('body: ' + error.message + ' ' + error.status) }
    res.end('read ' + size)
  },
  '/refuse': (req, res) => { res.statusCode = 401; res.end('who are you') },
  '/first-then-read': (req, res) => { res.end('thanks'); let size = 0; req.on('data', (chunk) => (size += chunk.length)); req.on('end', () => console.log('read later ' + size)) },
  '/big': (req, res) => res.end(Buffer.alloc(20_000_000, 'x')),
  '/late': (req, res) => setTimeout(() => { req.resume(); req.on('end', () => res.end('late')) }, 200),
}
export default (req, res) => (routes[req.url] ?? ((req, res) => { const text = 'ok ' + req.headers.host; res.setHeader('content-length', text.length); res.end(text) }))(req, res)
`

function start(t: TestContext, settings = ''): Promise<RunningServer> {
  const config =
    `export default { app: './app.js', bind: '127.0.0.1:0', accesslog: 'access.log', ` +
    `access_log_format: 'json', ` +
    `errorlog: 'error.log', log_format: 'json', loglevel: 'debug', applog: 'app.log', workers: 1, ` +
    `${settings} }\n`
  const logs = { 'access.log': '', 'error.log': '', 'app.log': '' }
  return startServer(createProject(t, { 'app.js': app, 'server.config.mjs': config, ...logs }))
}

interface Line {
  readonly path: string | null
  readonly status: number
  readonly outcome: string
}

const linesOf = ({ project }: RunningServer): string[] =>
  recordsOf<Line>(project, 'access.log').map(({ path, status, outcome }) => `${path} ${status} ${outcome}`)

/** The reasons in the error log, once there are as many. */
async function reasons(server: RunningServer, count: number): Promise<string[]> {
  const found = (): string[] =>
    recordsOf<{ event?: string; reason: string }>(server.project, 'error.log').flatMap(({ event, reason }) =>
      event === 'request_refused' ? [reason] : [],
    )
  await server.until(`${count} reasons`, () => found().length >= count)
  return found()
}

const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n${more}\r\n`
const post = (path: string, more = ''): string => `POST ${path} HTTP/1.1\r\nhost: x\r\n${more}\r\n`

test(
  'a request that exceeds a limit is refused with the status of that limit, a line and a ' + 'reason',
  async (t) => {
    const server = await start(
      t,
      'limit_request_line: 50, limit_request_fields: 3, limit_request_field_size: 40,',
    )
    const long = `/${'a'.repeat(50)}`
    for (const [request, status] of [
      [get(long), '414 URI Too Long'],
      [get('/f', 'a: 1\r\nb: 2\r\nc: 3\r\n'), '431 Request Header Fields Too Large'],
      [get('/s', `a: ${'x'.repeat(36)}\r\n`), '431 Request Header Fields Too Large'],
    ] as const) {
      const answer = await sendRaw(server.url, request)
      assert.ok(answer.endsWith(`\r\n\r\n${status}\n`), answer)
      assert.match(answer, /^HTTP\/1\.1 4/)
      assert.match(answer, /\r\nconnection: close\r\n/i)
    }
    const fits = get(`/${'a'.repeat(36)}`, `a: 1\r\nb: ${'x'.repeat(35)}\r\n`)
    const client = new RawClient(server).send(fits)
    await client.until(() => client.text.includes('ok x'))
    client.socket.destroy()
    assert.deepEqual(await reasons(server, 3), [
      'the request line is longer than limit_request_line',
      'more header fields than limit_request_fields',
      'a header field is larger than limit_request_field_size',
    ])
    await server.stop()
    assert.deepEqual(linesOf(server).slice(0, 3), [`${long} 414 invalid`, '/f 431 invalid', '/s 431 invalid'])
  },
)

test('the defaults are those of gunicorn, and larger limits make room for larger heads', async (t) => {
  const server = await start(t)
  const line = (size: number): string => get(`/${'a'.repeat(size - 'GET / HTTP/1.1'.length)}`)
  assert.match(await sendRaw(server.url, line(4095)), /^HTTP\/1\.1 414 /)
  assert.match(await sendRaw(server.url, line(20_000)), /^HTTP\/1\.1 414 /)
  assert.match(await sendRaw(server.url, get('/', `a: ${'x'.repeat(8187)}\r\n`)), /^HTTP\/1\.1 431 /)
  assert.match(await sendRaw(server.url, get('/', 'a: b\r\n'.repeat(100))), /^HTTP\/1\.1 431 /)
  const most = get('/', `connection: close\r\n${'a: b\r\n'.repeat(98)}`)
  assert.match(await sendRaw(server.url, most), /^HTTP\/1\.1 200 /)
  await server.stop()

  const large = await start(t, 'limit_request_line: "100K", limit_request_field_size: "64K",')
  assert.match(
    await sendRaw(large.url, line(90_000).replace('host', 'connection: close\r\nhost')),
    /^HTTP\/1\.1 200 /,
  )
  const field = get('/', `connection: close\r\na: ${'x'.repeat(65_000)}\r\n`)
  assert.match(await sendRaw(large.url, field), /^HTTP\/1\.1 200 /)
  await large.stop()
})

test('a body over the limit gets a 413: before the app by its length, else while it arrives', async (t) => {
  const server = await start(t, 'limit_request_body: "1000B",')
  const byLength = await sendRaw(server.url, post('/read', 'content-length: 1001\r\n'))
  assert.ok(byLength.endsWith('413 Content Too Large\n'), byLength)
  const chunk = (size: number): string => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`
  const chunked = post('/read', 'transfer-encoding: chunked\r\n')
  const fits = new RawClient(server).send(`${chunked}${chunk(600)}${chunk(400)}0\r\n\r\n`)
  await fits.until(() => fits.text.endsWith('read 1000'))
  fits.socket.destroy()
  const tooLarge = new RawClient(server).send(`${chunked}${chunk(600)}`)
  await delay(50) // in two packets
  tooLarge.send(chunk(401))
  assert.equal(await tooLarge.closed(), refusedWith('413 Content Too Large'))
  assert.equal(tooLarge.error, undefined)
  await server.stop()
  assert.deepEqual(linesOf(server), ['/read 413 invalid', '/read 200 complete', '/read 413 invalid'])
  assert.match(
    server.project.read('app.log'),
    /body: the body of the request is larger than limit_request_body 413/,
  )
  assert.doesNotMatch(server.project.read('error.log'), /"level":"(?:error|warn)"/)
})

test('a client that reads only after its upload gets an early response, and no reset', async (t) => {
  const server = await start(t)
  const megabytes = 20
  for (const more of ['connection: close\r\n', '']) {
    const client = new RawClient(server)
    client.socket.pause()
    client.send(post('/refuse', `${more}content-length: ${megabytes * 1_000_000}\r\n`))
    for (let sent = 0; sent < megabytes; sent += 1)
      await new Promise((resolve) => client.socket.write(Buffer.alloc(1_000_000, 'x'), resolve))
    client.socket.resume()
    await client.until(() => client.text.endsWith('who are you'))
    assert.match(client.text, /^HTTP\/1\.1 401 /)
    if (more === '') client.send(get('/next', 'connection: close\r\n'))
    await client.closed()
    assert.equal(client.error, undefined)
    assert.equal(
      client.text.includes('ok x'),
      more === '',
      'a connection that stays open serves the next request',
    )
  }
  await server.stop()
  assert.deepEqual(linesOf(server), ['/refuse 401 complete', '/refuse 401 complete', '/next 200 complete'])
})

test('an app that responds first can still read the body', async (t) => {
  const server = await start(t)
  const client = new RawClient(server).send(post('/first-then-read', 'content-length: 10\r\n'))
  await client.until(() => client.text.endsWith('thanks'))
  for (let sent = 0; sent < 10; sent += 1) {
    client.send('x')
    await delay(5)
  }
  client.send(get('/', 'connection: close\r\n'))
  assert.match(await client.closed(), /thanksHTTP[^]*ok x$/)
  await server.stop()
  assert.match(server.project.read('app.log'), /read later 10/)
})

test('100 Continue is sent when the app reads, and a refusal is sent instead of it', async (t) => {
  const server = await start(t, 'limit_request_body: "1000B",')
  const waiting = 'expect: 100-continue\r\ncontent-length: 5\r\n'
  const late = new RawClient(server).send(post('/late', waiting))
  await late.until(() => late.text.endsWith('100 Continue\r\n\r\n'))
  late.send('hello')
  await late.until(() => late.text.endsWith('late'))
  late.socket.destroy()
  const refused = await sendRaw(server.url, post('/refuse', waiting))
  assert.match(refused, /^HTTP\/1\.1 401 /)
  assert.doesNotMatch(refused, /100 Continue/)
  const large = await sendRaw(server.url, post('/read', 'expect: 100-continue\r\ncontent-length: 1001\r\n'))
  assert.match(large, /^HTTP\/1\.1 413 /)
  for (const other of ['200-ok', '100-continue, x'])
    assert.match(
      await sendRaw(server.url, post('/read', `expect: ${other}\r\ncontent-length: 0\r\n`)),
      /^HTTP\/1\.1 417 [^]*417 Expectation Failed\n$/,
    )
  const old = `POST /read HTTP/1.0\r\n${waiting}\r\nhello`
  assert.match(await sendRaw(server.url, old), /^HTTP\/1\.1 200 [^]*read 5$/, 'HTTP/1.0 knows no expectation')
  await server.stop()
})

test('curl uploads with and without Expect, also to an app that refuses', async (t) => {
  const server = await start(t)
  const body = Buffer.alloc(3_000_000, 'x')
  for (const [path, expected] of [
    ['/read', 'read 3000000200'],
    ['/refuse', 'who are you401'],
  ] as const)
    for (const expect of ['Expect: 100-continue', 'Expect:'])
      for (const encoding of ['Content-Type: image/png', 'Transfer-Encoding: chunked']) {
        const parameters = ['-sS', '-w', '%{http_code}', '-H', expect, '-H', encoding, '--data-binary', '@-']
        const curl = spawn('curl', [...parameters, `${server.url}${path}`])
        curl.stdin.on('error', () => undefined) // it stops reading when it is refused
        curl.stdin.end(body)
        const [out, errors] = await Promise.all([text(curl.stdout), text(curl.stderr), once(curl, 'close')])
        assert.deepEqual([out, errors], [expected, ''], `${path} ${expect} ${encoding}`)
      }
  await server.stop()
})

test('an upload may be larger than memory', async (t) => {
  const server = await start(t)
  const [worker] = childrenOf(server.pid)
  assert.ok(worker)
  const client = new RawClient(server)
  const pieces = 400
  client.send(post('/read', `content-length: ${pieces * 1_000_000}\r\n`))
  const piece = Buffer.alloc(1_000_000, 'x')
  for (let sent = 0; sent < pieces; sent += 1)
    await new Promise((resolve) => client.socket.write(piece, resolve))
  await client.until(() => client.text.endsWith(`read ${pieces * 1_000_000}`))
  client.socket.destroy()
  assert.ok(residentBytes(worker) < 300_000_000)
  await server.stop()
})

test('a head that does not arrive in time gets a 408, however its bytes trickle in', async (t) => {
  const server = await start(t, 'header_timeout: 0.6,')
  const client = new RawClient(server).send('GET / HTTP/1.1\r\n')
  const timer = setInterval(() => client.send('a: b\r\n'), 50)
  assert.equal(await client.closed(), refusedWith('408 Request Timeout'))
  clearInterval(timer)
  await server.stop()
  assert.deepEqual(linesOf(server), ['null 408 invalid'])
})

test('a client cannot keep a connection without requests by sending empty lines', async (t) => {
  const server = await start(t, 'header_timeout: 0.5, keepalive: 0.3, body_timeout: 1,')
  const client = new RawClient(server).send(get('/'))
  await client.until(() => client.text.includes('ok x'))
  const timer = setInterval(() => client.send('\r\n'), 50)
  await client.closed()
  clearInterval(timer)
  await server.stop()
})

test(
  'a client that stops reading a response is disconnected after body_timeout, one that reads is ' + 'not',
  async (t) => {
    const server = await start(t, 'body_timeout: 1,')
    const slow = new RawClient(server).send(get('/big', 'connection: close\r\n'))
    slow.socket.pause()
    const timer = setInterval(() => {
      slow.socket.resume()
      slow.socket.once('data', () => slow.socket.pause())
    }, 20)
    const stuck = new RawClient(server).send(get('/big'))
    stuck.socket.pause()
    await server.until('a line', () => linesOf(server).length > 0)
    assert.deepEqual(linesOf(server), ['/big 200 aborted'])
    clearInterval(timer)
    slow.socket.resume()
    await slow.until(() => slow.received > 20_000_000)
    stuck.socket.destroy()
    await server.stop()
  },
)

test(
  'HTTP/1.0 works with and without keep-alive and Host, and half-closed connections get their ' + 'response',
  async (t) => {
    const server = await start(t)
    assert.match(await sendRaw(server.url, 'GET / HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 [^]*ok undefined$/)
    const kept = new RawClient(server).send('GET /a HTTP/1.0\r\nConnection: keep-alive\r\nHost: a\r\n\r\n')
    await kept.until(() => kept.text.endsWith('ok a'))
    assert.match(kept.text, /\r\nConnection: keep-alive\r\n/)
    kept.send('GET /b HTTP/1.0\r\nHost: b\r\n\r\n')
    assert.match(await kept.closed(), /ok b$/)
    const half = new RawClient(server)
    half.socket.end(post('/read', 'content-length: 5\r\n') + 'hello')
    assert.match(await half.closed(), /read 5$/)
    await server.stop()
  },
)

test('refusals cannot flood the log: ten a second have a record, the rest a count', async (t) => {
  const server = await start(t)
  const bad = get('/', 'host: y\r\n')
  await Promise.all(Array.from({ length: 60 }, () => sendRaw(server.url, bad)))
  await server.until('the count', () => /more requests were refused/.test(server.project.read('error.log')))
  const records = server.project.read('error.log').match(/"event":"request_refused"/g) ?? []
  assert.ok(records.length < 60, String(records.length))
  assert.equal((await ask(server.url)).status, 200)
  await server.stop()
  assert.equal(linesOf(server).filter((line) => line === '/ 400 invalid').length, 60)
})
