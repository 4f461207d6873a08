// The PROXY protocol on real connections: in one packet with a request or byte by byte, required or not, and
// what is closed.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import tls from 'node:tls'
import { ask, connectTo, sendRaw } from '../helpers/http.ts'
import { createProject, repository, startServer, type RunningServer } from '../helpers/tsgun.ts'

const app = `export default (req, res) => {
  const { remoteAddress, remotePort, encrypted } = req.socket
  const chunks = []
  req.on('data', (chunk) => chunks.push(chunk)).on('end', () =>
    res.end([remoteAddress, remotePort, Boolean(encrypted), Buffer.concat(chunks)].join(' ') + '\\n'))
}`

function start(t: TestContext, settings: string, bind = '127.0.0.1:0', source = app): Promise<RunningServer> {
  const config = `export default { app: './app.js', bind: '${bind}', accesslog: 'access.log',
    access_log_format: 'json', ${settings} }\n`
  return startServer(createProject(t, { 'app.js': source, 'server.config.js': config, 'access.log': '' }))
}

interface Line {
  readonly remote_addr: string | null
  readonly status: number
  readonly outcome: string
}

async function lines(server: RunningServer, count: number): Promise<readonly Line[]> {
  const read = (): string[] => server.project.read('access.log').split('\n').filter(Boolean)
  await server.until(`${count} access lines`, () => read().length >= count)
  return read().map((line) => JSON.parse(line) as Line)
}

const v1 = 'PROXY TCP4 203.0.113.7 10.0.0.1 4711 443\r\n'
const signature = '\r\n\r\n\0\r\nQUIT\n'
const v2 = `${signature}\x21\x11\x00\x0c\xcb\x00\x71\x07\x0a\x00\x00\x01\x12\x67\x01\xbb`
const v2Tls = `${signature}\x21\x11\x00\x14\xcb\x00\x71\x07\x0a\x00\x00\x01\x12\x67\x01\xbb\x20\x00\x05\x01\x00\x00\x00\x00`
const local = `${signature}\x20\x00\x00\x00`
const post = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello'

/** As \`sendRaw\`, in pieces of this size. */
async function send(server: RunningServer, bytes: string, size = bytes.length): Promise<string> {
  const socket = connectTo(server.url).setNoDelay(true)
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString())).on('error', () => undefined)
  const closed = new Promise((resolve) => socket.once('close', resolve)) // also after a reset
  for (let at = 0; at < bytes.length && !socket.destroyed; at += size)
    await new Promise<void>((resolve) => {
      socket.write(Buffer.from(bytes.slice(at, at + size), 'latin1'), () => setImmediate(resolve))
    })
  await closed
  return text
}

async function sendAndEnd(server: RunningServer, bytes: string): Promise<string> {
  const socket = connectTo(server.url)
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString())).on('error', () => undefined)
  socket.end(bytes)
  await new Promise((resolve) => socket.once('close', resolve))
  return text
}

test('with "on" each connection begins with a header, whole or in pieces', async (t) => {
  const server = await start(t, `proxy_protocol: 'on'`)
  for (const [header, seen] of [
    [v1, '203.0.113.7 4711 false hello'],
    [v2, '203.0.113.7 4711 false hello'],
    [v2Tls, '203.0.113.7 4711 true hello'],
  ] as const)
    for (const size of [1000, 1, 7]) assert.match(await send(server, header + post, size), new RegExp(seen))
  assert.match(await send(server, local + post), /127\.0\.0\.1 \d+ false hello/)
  assert.match(await send(server, `PROXY UNKNOWN\r\n${post}`), /127\.0\.0\.1 \d+ false hello/)
  const logged = await lines(server, 11)
  assert.deepEqual(
    logged.map(({ remote_addr }) => remote_addr),
    [...Array.from({ length: 9 }, () => '203.0.113.7'), '127.0.0.1', '127.0.0.1'],
  )
  await server.stop()
})

test('with "on" a connection without a valid header is closed, logged and warned of once', async (t) => {
  const server = await start(t, `proxy_protocol: 'on'`)
  for (const bytes of [post, `PROXY TCP9 a b c d\r\n${post}`]) assert.equal(await send(server, bytes), '')
  assert.equal(await sendAndEnd(server, 'PROXY TCP4 1'), '')
  assert.deepEqual(
    (await lines(server, 3)).map(({ status, outcome }) => `${status} ${outcome}`),
    ['400 invalid', '400 invalid', '400 invalid'],
  )
  await server.says(/a connection from 127\.0\.0\.1 was closed: it has no PROXY protocol header/)
  assert.match(await send(server, v1 + post), /hello/)
  // A client that only connects, as a health check of TCP does, has no line.
  const idle = connectTo(server.url)
  await once(idle, 'connect')
  idle.end()
  await once(idle.resume(), 'close')
  assert.equal((await lines(server, 4)).length, 4)
  await server.stop()
  assert.doesNotMatch(server.stderr, /was closed: its/)
})

test('who may use it is proxy_allow_ips', async (t) => {
  const strict = await start(t, `proxy_protocol: 'on', proxy_allow_ips: ['10.0.0.0/8']`)
  assert.equal(await send(strict, v1 + post), '')
  assert.equal((await lines(strict, 1))[0]?.status, 403)
  await strict.says(/was closed: its address is not in proxy_allow_ips/)
  await strict.stop()
  const lenient = await start(t, `proxy_protocol: 'auto', proxy_allow_ips: ['10.0.0.0/8']`)
  assert.match(await send(lenient, post), /127\.0\.0\.1 \d+ false hello/)
  assert.match(await send(lenient, v1 + post), /^HTTP\/1\.1 400 /)
  assert.match(await send(lenient, v2 + post), /^HTTP\/1\.1 400 /)
  await lenient.stop()
})

test('with "auto" and "off" a connection without the header is served', async (t) => {
  const auto = await start(t, `proxy_protocol: 'auto'`)
  assert.match(await send(auto, v1 + post), /203\.0\.113\.7 4711 false hello/)
  for (const size of [1000, 1]) {
    assert.match(await send(auto, post, size), /127\.0\.0\.1 \d+ false hello/)
    assert.match(await send(auto, `PUT${post.slice(4)}`, size), /127\.0\.0\.1 \d+ false hello/)
    assert.match(await send(auto, `PROPFIND${post.slice(4)}`, size), /127\.0\.0\.1 \d+ false hello/)
  }
  assert.equal((await ask(auto.url)).status, 200)
  // A client that closes its side with the request, and one that does so within the first letters.
  for (const bytes of [v1 + post, post]) {
    const socket = connectTo(auto.url).end(bytes)
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    assert.match(chunk.toString(), /^HTTP\/1\.1 200 /)
  }
  assert.equal(await sendAndEnd(auto, 'PROX'), '')
  await auto.stop()
  const off = await start(t, '')
  assert.match(await sendRaw(off.url, v1 + post), /^HTTP\/1\.1 400 /)
  await off.stop()
})

test('the client of the header decides whether forwarded headers count', async (t) => {
  const forwarded = post.replace('Host', 'X-Forwarded-For: 198.51.100.9\r\nHost')
  const header = (address: string): string => `PROXY TCP4 ${address} 10.0.0.1 4711 443\r\n`
  const server = await start(t, `proxy_protocol: 'on', forwarded_allow_ips: ['127.0.0.1', '192.0.2.1']`)
  assert.match(await send(server, header('203.0.113.7') + forwarded), /203\.0\.113\.7 4711 false hello/)
  assert.match(await send(server, header('192.0.2.1') + forwarded), /198\.51\.100\.9  false hello/)
  assert.match(await send(server, local + forwarded), /198\.51\.100\.9  false hello/)
  await server.stop()
})

test('over a unix socket, and the header is read once for all requests of a connection', async (t) => {
  const server = await start(t, `proxy_protocol: 'on'`, 'unix:app.sock')
  const twice = `${post.replace('Connection: close\r\n', '')}${post}`
  assert.equal((await send(server, v1 + twice)).match(/203\.0\.113\.7 4711 false hello/g)?.length, 2)
  await server.stop()
})

test('a server of the app with TLS gets the header before the handshake', async (t) => {
  const file = (name: string): string => readFileSync(join(repository, 'test/fixtures/tls', name), 'utf8')
  const source = `import { createServer } from 'node:https'
    const tls = ${JSON.stringify({ key: file('key.pem'), cert: file('cert.pem') })}
    ${app.replace('export default', 'const listener =')}
    export default createServer(tls, listener)`
  const server = await start(t, `proxy_protocol: 'on'`, '127.0.0.1:0', source)
  const raw = connectTo(server.url)
  raw.write(v1)
  const socket = tls.connect({ socket: raw, rejectUnauthorized: false })
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  socket.write(post)
  await once(socket, 'close')
  assert.match(text, /203\.0\.113\.7 4711 true hello/)
  assert.equal((await lines(server, 1))[0]?.remote_addr, '203.0.113.7')
  await server.stop()
})

test('a client that sends nothing behind the header is closed without a response and a line', async (t) => {
  const server = await start(t, `proxy_protocol: 'on', header_timeout: 1`)
  for (const header of [v1, local]) assert.equal(await send(server, header), '')
  assert.match(await send(server, `${v1}GET / HT`), /^HTTP\/1\.1 408 /)
  assert.deepEqual(
    (await lines(server, 1)).map(({ remote_addr, status }) => `${remote_addr} ${status}`),
    ['203.0.113.7 408'],
  )
  await server.stop()
})

test('a reload does not wait for a connection that sends no header', async (t) => {
  const server = await start(t, `proxy_protocol: 'on', graceful_timeout: 30`)
  const socket = connectTo(server.url)
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  socket.write('PROXY')
  const began = performance.now()
  await server.stop()
  assert.ok(performance.now() - began < 20_000)
})

test('with TLS of tsgun the header comes before the handshake, and the scheme is https', async (t) => {
  const directory = join(repository, 'test/fixtures/tls')
  const settings = `proxy_protocol: 'on', certfile: '${directory}/cert.pem', keyfile: '${directory}/key.pem'`
  const server = await start(t, settings)
  const { hostname, port } = new URL(server.url)
  for (const size of [1000, 1]) {
    const raw = net.connect(Number(port), hostname)
    for (const byte of size === 1 ? v2 : [v2])
      await new Promise<void>((resolve) => {
        raw.write(Buffer.from(byte, 'latin1'), () => setImmediate(resolve))
      })
    const socket = tls.connect({ socket: raw, rejectUnauthorized: false })
    let text = ''
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
    socket.write(post)
    await once(socket, 'close')
    assert.match(text, /203\.0\.113\.7 4711 true hello/)
  }
  assert.equal((await lines(server, 2))[1]?.remote_addr, '203.0.113.7')
  await server.stop()
})
