// Upgrade requests that go wrong: each client gets a clear response or a clean end, and the worker lives.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ask, connectTo, sendRaw } from '../helpers/http.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const upgradeOf = (
  path: string,
  more = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
): string =>
  `GET ${path} HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${more}\r\n\r\n`

const serves = `export default (req, res) => res.end(String(process.pid))\n`

async function start(
  t: TestContext,
  code: string,
  { config = '', packages = ['ws'], imports = '' } = {},
): Promise<RunningServer> {
  const project = createProject(
    t,
    {
      'app.js': code + serves,
      'server.config.js': `${imports}export default {
        app: './app.js', bind: '127.0.0.1:0', accesslog: 'access.log', access_log_format: '%(U)s %(s)s', ${config} }\n`,
    },
    packages,
  )
  return startServer(project)
}

/** Each request and its access line, in any order; the one worker of the start still serves. */
async function ends(server: RunningServer, lines: readonly string[]): Promise<void> {
  assert.equal((await ask(server.url, '/last')).body, String(server.workerPids[0]))
  await server.stop()
  const logged = server.project.read('access.log').trim().split('\n')
  assert.deepEqual(logged.sort(), [...lines, '/last 200'].sort())
  assert.doesNotMatch(server.stderr, /died|uncaught/)
}

const ignores = `export const upgrade = (req, socket) => { if (req.url === '/wait') console.log('waiting') }\n`

test('an upgrade that an exported upgrade() ignores gets a 404 after ten seconds, not a hang', async (t) => {
  const server = await start(t, ignores)
  const began = performance.now()
  const response = await sendRaw(server.url, upgradeOf('/nothing'))
  assert.equal(response, 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  assert.ok(performance.now() - began > 9000, 'an app may take some time')
  await ends(server, ['/nothing 404'])
})

test('a client that resets its connection while upgrade() has not answered ends nothing but its connection', async (t) => {
  const server = await start(t, ignores)
  const socket = connectTo(server.url)
  socket.write(upgradeOf('/wait'))
  await server.says(/waiting/)
  socket.resetAndDestroy()
  await eventually('the end of the connection', () => {
    const log = server.project.read('access.log')
    return log.includes('/wait') || undefined
  })
  const [line = ''] = server.project.read('access.log').split('\n')
  await ends(server, [line])
})

test('ws with a path answers any other path with a 400, and an invalid handshake as RFC 6455 says', async (t) => {
  const server = await start(t, '', {
    imports: `import { WebSocketServer } from 'ws'\n`,
    config: `post_worker_init: (worker) => void new WebSocketServer({ server: worker.server, path: '/echo' })`,
  })
  assert.match(await sendRaw(server.url, upgradeOf('/other')), /^HTTP\/1\.1 400 Bad Request\r\n/)
  assert.match(await sendRaw(server.url, upgradeOf('/echo', 'Sec-WebSocket-Version: 13')), /^HTTP\/1\.1 400 /)
  const old = upgradeOf('/echo', 'Sec-WebSocket-Version: 7\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==')
  assert.match(await sendRaw(server.url, old), /^HTTP\/1\.1 400 [^]*Sec-WebSocket-Version: 13, 8\r\n/)
  const post = upgradeOf('/echo').replace('GET', 'POST')
  assert.match(await sendRaw(server.url, post), /^HTTP\/1\.1 405 /)
  await ends(server, ['/other 400', '/echo 400', '/echo 400', '/echo 405'])
})

test('socket.io on worker.server: an upgrade of another path gets a 404', async (t) => {
  const server = await start(t, '', {
    packages: ['socket.io'],
    imports: `import { Server } from 'socket.io'\n`,
    config: `post_worker_init: (worker) => void new Server(worker.server)`,
  })
  assert.match(await sendRaw(server.url, upgradeOf('/other')), /^HTTP\/1\.1 404 Not Found\r\n/)
  const unknown = '/socket.io/?EIO=4&transport=websocket&sid=unknown'
  assert.match(await sendRaw(server.url, upgradeOf(unknown)), /^HTTP\/1\.1 400 /)
  await ends(server, ['/other 404', '/socket.io/ 400'])
})

test('an exported websocket has no effect without crossws, and a warning says so; the app serves', async (t) => {
  const project = createProject(t, {
    'app.js': `export default { fetch: () => new Response('plain'), websocket: { message() {} } }\n`,
  })
  const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', './app.js'] })
  await server.says(/\[WARN\].*the app exports "websocket", which has no effect: it needs crossws/)
  assert.match(await sendRaw(server.url, upgradeOf('/', 'Connection: close')), /^HTTP\/1\.1 200 [^]*plain/)
  await server.stop()
})

const throws = `import { createServer } from 'node:http'
export const upgrade = async (req, socket) => {
  if (req.url === '/late') socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: x\\r\\nConnection: upgrade\\r\\n\\r\\n')
  throw new Error('no such channel')
}\n`

test('an upgrade() that fails sends a 500, or ends what it has begun; the error is in the error log', async (t) => {
  const server = await start(t, throws)
  assert.match(await sendRaw(server.url, upgradeOf('/early')), /^HTTP\/1\.1 500 Internal Server Error\r\n/)
  assert.match(await sendRaw(server.url, upgradeOf('/late')), /^HTTP\/1\.1 101 [^]*\r\n\r\n$/)
  await server.says(/\[ERROR\].*GET \/early failed: no such channel/)
  await server.says(/\[ERROR\].*GET \/late failed: no such channel/)
  await ends(server, ['/early 500', '/late 101'])
})

test('a listener of worker.server that throws sends a 500', async (t) => {
  const server = await start(t, '', {
    config: `post_worker_init: (worker) => void worker.server.on('upgrade', () => { throw new Error('no such room') })`,
  })
  assert.match(await sendRaw(server.url, upgradeOf('/room')), /^HTTP\/1\.1 500 /)
  await server.says(/\[ERROR\].*GET \/room failed: no such room/)
  await ends(server, ['/room 500'])
})

test('WebSockets are counted as connections of their worker, and worker_connections limits them', async (t) => {
  const server = await start(
    t,
    `import { WebSocketServer } from 'ws'
const sockets = new WebSocketServer({ noServer: true })
export const upgrade = (req, socket, head) => sockets.handleUpgrade(req, socket, head, () => console.log('open'))\n`,
    { config: `worker_connections: 3, control_socket: 'control.sock'` },
  )
  const clients = [1, 2, 3].map(() => connectTo(server.url))
  for (const client of clients) client.write(upgradeOf('/chat'))
  await server.says(/open/, 3)
  await eventually('three connections in the stats', async () => {
    const { body } = await ask(`unix:${server.project.path('control.sock')}`, '/status')
    const { connections } = JSON.parse(body) as { readonly connections: number }
    return connections === 3 || undefined
  })
  await server.says(/it has 3 \(worker_connections\), of them 0 with a request, 3 upgraded, 0 idle/)
  for (const client of clients) client.destroy()
  await ends(server, ['/chat 101', '/chat 101', '/chat 101'])
})
