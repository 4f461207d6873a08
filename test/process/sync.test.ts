// The worker class `sync`: one request at a time, no request behind a long one while another worker is idle,
// and clear refusals for what cannot work with it.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ask, connectTo, sendRaw } from '../helpers/http.ts'
import { RawClient } from '../helpers/raw-client.ts'
import { recordsOf } from '../helpers/records.ts'
import { count } from '../helpers/routes.ts'
import { createProject, launch, startServer, type RunningServer } from '../helpers/tsgun.ts'

/** Says how many requests are in flight when one begins; `/long` waits for `/tmp/release` of the test. */
const app = `import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
let busy = 0
export default async (req, res) => {
  busy += 1
  const most = busy
  if (req.url === '/long') {
    console.log('long begins')
    while (!existsSync('released')) await delay(10)
  }
  if (req.url === '/short') await delay(1)
  if (req.url === '/read') for await (const chunk of req) void chunk
  if (req.url === '/stuck') return // never responds
  res.end('busy=' + most + ' worker=' + process.env.TSGUN_WORKER_NR)
  busy -= 1
}
export function upgrade(req, socket) { socket.end('HTTP/1.1 101 Switching Protocols\\r\\nupgrade: none\\r\\n\\r\\n') }
`

function start(t: TestContext, more = ''): Promise<RunningServer> {
  const config = `export default { app: './app.js', bind: ['127.0.0.1:0', 'unix:web.sock'], worker_class: 'sync',
    accesslog: 'access.log', access_log_format: 'json', ${more} }\n`
  return startServer(createProject(t, { 'app.js': app, 'server.config.js': config }))
}

test('short requests do not wait for a long one while another worker is idle', async (t) => {
  const server = await start(t, 'workers: 2')
  for (const url of server.listeners) {
    let isOver = false
    const long = ask(url, '/long').finally(() => (isOver = true))
    await server.says(/long begins/, server.listeners.indexOf(url) + 1)
    const shorts: string[] = []
    const client = async (): Promise<void> => {
      for (let nr = 0; nr < 20; nr += 1) shorts.push((await ask(url, '/short')).body)
    }
    await Promise.all(Array.from({ length: 10 }, client))
    assert.equal(shorts.length, 200)
    assert.ok(!isOver, 'all have responses while the long one lasts')
    assert.deepEqual([...new Set(shorts.map((body) => body.split(' ')[0]))], ['busy=1'])
    server.project.write('released', '')
    assert.match((await long).body, /^busy=1 /)
    const { rmSync } = await import('node:fs')
    rmSync(server.project.path('released'))
  }
  await server.stop()
})

test('each response ends its connection', async (t) => {
  const server = await start(t)
  const text = await sendRaw(server.url, 'GET /short HTTP/1.1\r\nhost: x\r\nconnection: keep-alive\r\n\r\n')
  assert.match(text, /^HTTP\/1\.1 200 [^]*connection: close/i)
  await server.stop()
})

test('clients that send nothing do not hold the worker, and are closed after header_timeout', async (t) => {
  const server = await start(t, 'header_timeout: 3')
  const silent = Array.from({ length: 20 }, () => connectTo(server.url))
  const closed = Promise.all(silent.map((socket) => once(socket, 'close')))
  for (const socket of silent) socket.resume()
  await Promise.all(silent.map((socket) => once(socket, 'connect')))
  for (let nr = 0; nr < 20; nr += 1) assert.equal((await ask(server.url, '/short')).status, 200)
  const [first] = silent
  first?.write('GET /short HTTP/1.1\r\nhost: x\r\n\r\n')
  const [bytes] = (await once(first ?? server.child, 'data')) as [Buffer]
  assert.match(bytes.toString(), /^HTTP\/1\.1 200 /)
  await closed
  await server.stop()
})

test('a client that has sent its request and ended its side while it waits gets its response', async (t) => {
  const server = await start(t, 'workers: 1')
  const waiting = new RawClient(server)
  await once(waiting.socket, 'connect')
  await ask(server.url, '/') // accepted after it
  const long = ask(server.url, '/long')
  await server.says(/long begins/)
  waiting.socket.end('POST /read HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc')
  await delay(200) // nothing says that the worker has read it
  server.project.write('released', '')
  assert.equal((await long).status, 200)
  assert.match(await waiting.closed(), /^HTTP\/1\.1 200 OK[^]*busy=1/)
  await server.stop()
})

test('WebSockets get a 501, and the log says once what to do', async (t) => {
  const server = await start(t)
  const head = 'GET /chat HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'
  for (let time = 0; time < 3; time += 1) assert.match(await sendRaw(server.url, head), /^HTTP\/1\.1 501 /)
  const told = /an upgrade to websocket was refused with 501: worker_class is "sync".*worker_class: "async"/
  await server.says(told)
  assert.equal(count(server.stderr, told), 1)
  await server.stop()
  const lines = recordsOf<{ path: string; status: number }>(server.project, 'access.log')
  assert.equal(lines.filter(({ path, status }) => path === '/chat' && status === 501).length, 3)
})

test('a request that occupies its worker for longer than timeout gets a 503 that the log explains', async (t) => {
  const server = await start(t, 'timeout: 1')
  assert.equal((await ask(server.url, '/stuck')).status, 503)
  await server.says(/a request took longer than timeout \(.*"async" serves long polling\): it got a 503/)
  assert.equal((await ask(server.url, '/short')).status, 200)
  await server.stop()
})

test('a stop and a reload finish what is in flight and what waits', async (t) => {
  const server = await start(t, 'workers: 1')
  for (const signal of ['SIGHUP', 'SIGTERM'] as const) {
    const long = ask(server.url, '/long')
    await server.says(/long begins/, signal === 'SIGHUP' ? 1 : 2)
    const waiting = [1, 2, 3].map(() => ask(server.url, '/short'))
    server.signal(signal)
    await server.says(signal === 'SIGHUP' ? /worker 0 \(pid \d+\) is retired/ : /stopping \(graceful\)/)
    server.project.write('released', '')
    assert.match((await long).body, /^busy=1/)
    for (const response of await Promise.all(waiting)) assert.match(response.body, /^busy=1/)
    if (signal === 'SIGTERM') break
    await server.says(/reload done/)
    const { rmSync } = await import('node:fs')
    rmSync(server.project.path('released'))
  }
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
})

test('HTTP/2 is refused when the config is checked', async (t) => {
  const config = `export default { app: './app.js', worker_class: 'sync', http_protocols: ['h2', 'h1'] }\n`
  const server = launch(createProject(t, { 'app.js': app, 'server.config.js': config }), {
    arguments: ['--check-config'],
  })
  assert.equal((await server.exit()).code, 1)
  assert.match(server.stderr, /http_protocols: expected \["h1"\] with `worker_class` "sync"/)
})
