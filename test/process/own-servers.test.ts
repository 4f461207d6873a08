// Apps that bring a server of their own, and what is attached to it: each request is watched, whatever
// responds to it, and what the app has set on its server holds.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { test, type TestContext } from 'node:test'
import { io } from 'socket.io-client'
import { ask, sendRaw } from '../helpers/http.ts'
import { recordsOf } from '../helpers/records.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'

interface AccessLine {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly outcome: string
}

interface Watched {
  readonly server: RunningServer
  /** Waits for this many access lines; they are sorted by path. */
  lines(count: number): Promise<readonly string[]>
  /** What pre_request and post_request have seen. */
  hooks(): string
}

const config = `import { appendFileSync, writeFileSync } from 'node:fs'
writeFileSync('hooks.txt', '')
export default {
  app: './app.js', bind: '127.0.0.1:0', workers: 1, request_timeout: 2, graceful_timeout: 10,
  accesslog: 'access.log', access_log_format: 'json',
  pre_request: (worker, req) => appendFileSync('hooks.txt', 'pre ' + req.url.split('?')[0] + '\\n'),
  post_request: (worker, req, res) => appendFileSync('hooks.txt', 'post ' + req.url.split('?')[0] + '\\n'),
  EXTRA
}
`

async function serve(
  t: TestContext,
  app: string,
  { extra = '', packages = [] }: { readonly extra?: string; readonly packages?: readonly string[] } = {},
): Promise<Watched> {
  const files = { 'app.js': app, 'server.config.js': config.replace('EXTRA', extra) }
  const project = createProject(t, files, packages)
  const server = await startServer(project)
  const all = (): readonly AccessLine[] => recordsOf<AccessLine>(project, 'access.log')
  return {
    server,
    async lines(count) {
      await server.until(`${count} access lines`, () => all().length >= count)
      return all().map(({ method, path, status, outcome }) => `${method} ${path} ${status} ${outcome}`)
    },
    hooks: () => project.read('hooks.txt'),
  }
}

const expect = (path: string, value: string, method = 'POST'): string =>
  `${method} ${path} HTTP/1.1\r\nHost: a\r\nExpect: ${value}\r\nContent-Length: 2\r\nConnection: ` +
  'close\r\n\r\nhi'

test('what socket.io attached to worker.server answers is watched, and not idle at a stop', async (t) => {
  const { server, lines, hooks } = await serve(t, `export default (req, res) => res.end('app')\n`, {
    packages: ['socket.io'],
    extra: `post_worker_init: async (worker) => {
      const { Server } = await import('socket.io')
      new Server(worker.server).on('connection', (socket) => socket.emit('hello', 1))
    }`,
  })
  const client = io(server.url, { transports: ['polling'], reconnection: false })
  t.after(() => client.disconnect())
  await once(client as never, 'hello')
  assert.equal((await ask(server.url, '/socket.io/socket.io.js')).status, 200)
  assert.equal((await ask(server.url, '/')).body, 'app')
  const seen = await lines(4)
  assert.ok(
    seen.some((line) => line.startsWith('GET /socket.io/ ')),
    seen.join('\n'),
  )
  assert.ok(seen.includes('GET /socket.io/socket.io.js 200 complete'))
  assert.match(hooks(), /pre \/socket\.io\/socket\.io\.js\npost \/socket\.io\/socket\.io\.js\n/)
  client.disconnect()
  await server.stop()
})

test('Expect: a listener of the app, Node itself and CONNECT have their lines and counts', async (t) => {
  const { server, lines, hooks } = await serve(
    t,
    `import { createServer } from 'node:http'
    const server = createServer((req, res) => res.end('request'))
    server.on('checkContinue', (req, res) => {
      if (req.url === '/refused') return res.writeHead(413, { connection: 'close' }).end()
      if (req.url === '/hangs') return
      res.writeContinue()
      server.emit('request', req, res)
    })
    export default server
    `,
  )
  assert.match(await sendRaw(server.url, expect('/continued', '100-continue')), /^HTTP\/1\.1 100 [^]*request/)
  assert.match(await sendRaw(server.url, expect('/refused', '100-continue')), /^HTTP\/1\.1 413 /)
  assert.match(await sendRaw(server.url, expect('/hangs', '100-continue')), /^HTTP\/1\.1 503 /)
  assert.match(await sendRaw(server.url, expect('/unknown', 'something')), /^HTTP\/1\.1 417 /)
  assert.match(
    await sendRaw(server.url, 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n'),
    /^HTTP\/1\.1 405 /,
  )
  assert.deepEqual(await lines(5), [
    'POST /continued 200 complete',
    'POST /refused 413 complete',
    'POST /hangs 503 timeout',
    'POST /unknown 417 complete',
    'CONNECT example.org:443 405 complete',
  ])
  assert.match(hooks(), /^pre \/continued\npost \/continued\npre \/refused\npost \/refused\n/)
  await server.stop()
})

test('a slow response of a checkContinue listener is not cut off as idle', async (t) => {
  const { server } = await serve(
    t,
    `import { createServer } from 'node:http'
    export default createServer((req, res) => res.end('request')).on('checkContinue', (req, res) => {
      console.log('begun')
      setTimeout(() => res.end('slow'), 1000)
    })
    `,
    { extra: 'keepalive: 0.1' },
  )
  const response = sendRaw(server.url, expect('/', '100-continue'))
  await server.says(/begun/)
  server.signal('SIGTERM')
  assert.match(await response, /^HTTP\/1\.1 200 [^]*slow/)
  await server.stop()
})

for (const [framework, app, packages] of [
  [
    'Fastify',
    `import { fastify } from 'fastify'
    import { Server } from 'socket.io'
    const app = fastify()
    app.get('/', () => 'fastify')
    app.addHook('onListen', async () => console.log('onListen ran'))
    new Server(app.server)
    export default app
    `,
    ['fastify', 'socket.io'],
  ],
  [
    'Fastify with serverFactory',
    `import { fastify } from 'fastify'
    import { createServer } from 'node:http'
    import { Server } from 'socket.io'
    const app = fastify({
      serverFactory: (handler) => createServer((req, res) => {
        res.setHeader('factory', 'mine')
        handler(req, res)
      }),
    })
    app.get('/', () => 'fastify')
    app.addHook('onListen', async () => console.log('onListen ran'))
    new Server(app.server)
    export default app
    `,
    ['fastify', 'socket.io'],
  ],
] as const) {
  test(`${framework}: listeners of its server count, and what it does when it listens is done`, async (t) => {
    const { server, lines } = await serve(t, app, { packages, extra: 'keepalive: 5' })
    const agent = new Agent({ keepAlive: true })
    const { body, headers } = await ask(server.url, '/', { agent })
    agent.destroy()
    assert.equal(headers['keep-alive'], 'timeout=5') // of the config, because the app has set none
    assert.deepEqual([body, headers['factory']], ['fastify', app.includes('Factory') ? 'mine' : undefined])
    assert.equal((await ask(server.url, '/socket.io/socket.io.js')).status, 200)
    assert.equal((await ask(server.url, '/nowhere')).status, 404)
    await server.says(/onListen ran/)
    assert.deepEqual(await lines(3), [
      'GET / 200 complete',
      'GET /socket.io/socket.io.js 200 complete',
      'GET /nowhere 404 complete',
    ])
    await server.stop()
  })
}

test('what an exported server has set holds; what cannot is named once', async (t) => {
  const { server, lines } = await serve(
    t,
    `import { createServer } from 'node:http'
    const server = createServer({ maxHeaderSize: 2048, keepAliveTimeout: 33_000 }, (req, res) => res.end(String(req.socket.mark)))
    server.maxConnections = 7
    server.on('connection', (socket) => (socket.mark = 'seen'))
    server.on('listening', () => console.log('listens at ' + server.address().address))
    server.on('clientError', (error, socket) => socket.end('HTTP/1.1 422 Mine\\r\\nconnection: close\\r\\n\\r\\n'))
    export default server
    `,
    { extra: 'keepalive: 5' },
  )
  const agent = new Agent({ keepAlive: true })
  const { body, headers } = await ask(server.url, '/', { agent })
  agent.destroy()
  assert.deepEqual([body, headers['keep-alive']], ['seen', 'timeout=33'])
  const huge = `GET / HTTP/1.1\r\nHost: a\r\nlong: ${'x'.repeat(3000)}\r\n\r\n`
  assert.match(await sendRaw(server.url, huge), /^HTTP\/1\.1 422 Mine/)
  await server.says(/listens at 127\.0\.0\.1/)
  assert.match(server.stderr, /server\.maxConnections = 7 of the app has no effect: set worker_connections/)
  assert.deepEqual(
    (await lines(2)).map((line) => line.split(' ').slice(-2).join(' ')),
    ['200 complete', '422 invalid'],
  )
  await server.stop()
})

test('an offer of HTTP/2 without TLS is ignored, also when the app has WebSockets', async (t) => {
  const { server, lines } = await serve(
    t,
    `export default async (req, res) => {
      let body = ''
      for await (const chunk of req) body += chunk
      res.end(JSON.stringify([req.method, req.url, req.headers.upgrade, req.headers.connection, req.headers['x-a'], body]))
    }
    export const upgrade = (req, socket) => socket.end('HTTP/1.1 101 Switching Protocols\\r\\n\\r\\n')
    `,
  )
  const offer =
    'POST /a?b HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings, close\r\nX-A: 1\r\nUpgrade: ' +
    'h2c\r\n' +
    'HTTP2-Settings: AAMAAABk\r\nContent-Length: 4\r\n\r\nbody'
  assert.match(
    await sendRaw(server.url, offer),
    /^HTTP\/1\.1 200 [^]*\["POST","\/a\?b",null,"close","1","body"\]/,
  )
  const websocket = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
  assert.match(await sendRaw(server.url, websocket), /^HTTP\/1\.1 101 /)
  assert.deepEqual(
    (await lines(2)).map((line) => line.split(' ').slice(0, 3).join(' ')),
    ['POST /a 200', 'GET / 101'],
  )
  await server.stop()
})
