// Real proxies in front, with the configs of config-examples: what the app sees of the client, connections
// that are kept, uploads, WebSockets, and reloads and replaced workers under load without a failed request.

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { test, type TestContext } from 'node:test'
import {
  exampleConfig,
  freePort,
  lacks,
  nginxConfig,
  startProxy,
  type ProxyKind,
  type RunningProxy,
} from '../helpers/real-proxy.ts'
import { strictApp, StrictClient } from '../helpers/strict-client.ts'
import { createProject, repository, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'
import { replyToTea } from '../helpers/websocket-reply.ts'
import { moreResponses, reloads } from '../helpers/zero-failures.ts'

const app = `import { createHash } from 'node:crypto'
import { WebSocketServer } from 'ws'
${strictApp.replace('export default', 'const strict =')}
const numbers = new WeakMap()
let last = 0
const routes = {
  '/health': (_, res) => res.end('ok'),
  '/client': ({ socket, headers }, res) => {
    if (!numbers.has(socket)) numbers.set(socket, (last += 1))
    res.end(JSON.stringify({
      ip: socket.remoteAddress, scheme: socket.encrypted ? 'https' : 'http', host: headers.host,
      connection: process.pid + '-' + numbers.get(socket) }))
  },
  '/upload': async (req, res) => {
    const hash = createHash('sha256')
    for await (const chunk of req) hash.update(chunk)
    res.end(hash.digest('hex'))
  },
  '/refuse': (_, res) => res.writeHead(401).end('who are you?'),
  '/download': (_, res) => {
    res.setHeader('X-Accel-Redirect', '/files/report.txt')
    res.end('not this')
  },
}
export default (req, res) => (routes[req.url] ?? strict)(req, res)
const sockets = new WebSocketServer({ noServer: true })
export const upgrade = (req, socket, head) => sockets.handleUpgrade(req, socket, head, (ws) => {
  ws.on('message', (data) => ws.send(req.socket.remoteAddress + ': ' + data))
})
`

type Upstream = 'tcp' | 'unix'

interface Front {
  readonly server: RunningServer
  readonly proxy: RunningProxy
  /** Of the proxy. */
  readonly url: string
}

interface FrontOptions {
  /** Serves the app of the example instead of that above. */
  readonly ownApp?: boolean
  readonly flags?: readonly string[]
  /** More texts to replace in the config of the proxy. */
  readonly replaced?: (project: Project) => Readonly<Record<string, string>>
}

/** Starts tsgun and the proxy with the configs of the example, at addresses of their own. */
async function start(
  t: TestContext,
  kind: ProxyKind,
  upstream: Upstream,
  { ownApp = false, flags = [], replaced = () => ({}) }: FrontOptions = {},
): Promise<Front> {
  const project = createProject(t, { 'app.js': app }, ['ws'])
  const socket = project.path('http.sock')
  const bind = upstream === 'tcp' ? '127.0.0.1:0' : `unix:${socket}`
  const config = `${repository}/config-examples/${kind}/server.config.ts`
  const server = await startServer(project, {
    arguments: ['-c', config, '-b', bind, ...flags, ...(ownApp ? [] : [project.path('app.js')])],
  })
  const port = await freePort()
  const { url } = server
  const target = upstream === 'tcp' ? new URL(url).host : socket
  const front = `http://127.0.0.1:${port}`
  const text = configOf[kind](port, upstream, target, replaced(project))
  const proxy = await startProxy(project, kind, { config: text, url: front })
  return { server, proxy, url: front }
}

type ConfigOf = (
  port: number,
  upstream: Upstream,
  target: string,
  more: Readonly<Record<string, string>>,
) => string

const configOf: Readonly<Record<ProxyKind, ConfigOf>> = {
  nginx: (port, upstream, target, more) =>
    nginxConfig(
      exampleConfig('nginx/nginx.conf', {
        'listen 80;': `listen 127.0.0.1:${port};`,
        'server unix:/run/shop/http.sock': `server ${upstream === 'unix' ? 'unix:' : ''}${target}`,
        ...more,
      }),
    ),
  haproxy: (port, upstream, target, more) =>
    exampleConfig('haproxy/haproxy.cfg', {
      'bind :80\n': `bind 127.0.0.1:${port}\n`,
      'unix@/run/shop/http.sock': upstream === 'unix' ? `unix@${target}` : target,
      ...more,
    }),
  caddy: (port, upstream, target, more) =>
    `{\n\tadmin off\n}\n` +
    exampleConfig('caddy/Caddyfile', {
      'shop.example {': `http://127.0.0.1:${port}, http://strict:${port} {`,
      'unix//run/shop/http.sock': upstream === 'unix' ? `unix/${target}` : target,
      ...more,
    }),
}

interface Answer {
  readonly status: number
  readonly body: string
}

/** A client at 127.0.0.2, while the proxy is at 127.0.0.1. */
function request(
  url: string,
  path: string,
  options: http.RequestOptions = {},
  body?: Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = http.request(
      `${url}${path}`,
      { localAddress: '127.0.0.2', agent: false, ...options },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

interface Seen {
  readonly ip: string
  readonly scheme: string
  readonly host: string
  readonly connection: string
}

async function seen(
  url: string,
  headers: http.OutgoingHttpHeaders = {},
  agent: http.Agent | false = false,
): Promise<Seen> {
  const { status, body } = await request(url, '/client', { headers, agent })
  assert.equal(status, 200, body)
  return JSON.parse(body) as Seen // of the app above
}

const kinds: readonly ProxyKind[] = ['nginx', 'haproxy', 'caddy']

for (const kind of kinds) {
  for (const upstream of ['tcp', 'unix'] as const) {
    const skip = lacks(kind)

    test(`${kind} to ${upstream}: client, kept connections, upload and WebSocket`, { skip }, async (t) => {
      const { server, proxy, url } = await start(t, kind, upstream, { flags: ['-w', '1'] })
      const host = new URL(url).host
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 }) // haproxy keeps one for each client
      t.after(() => agent.destroy())
      const spoofed = { 'X-Forwarded-For': '6.6.6.6', Forwarded: 'for=6.6.6.6', 'X-Forwarded-Host': 'evil' }
      const first = await seen(
        url,
        { ...spoofed, 'X-Forwarded-Proto': 'https', 'X-Forwarded-Port': '1' },
        agent,
      )
      assert.deepEqual(
        { ...first, connection: '' },
        { ip: '127.0.0.2', scheme: 'http', host, connection: '' },
      )
      assert.equal(
        (await seen(url, {}, agent)).connection,
        first.connection,
        'the proxy keeps its connection',
      )

      const body = randomBytes(20_000_000)
      const hash = createHash('sha256').update(body).digest('hex')
      assert.deepEqual(await request(url, '/upload', { method: 'POST' }, body), { status: 200, body: hash })

      assert.equal(await replyToTea(url), '127.0.0.2: tea')
      await server.says(/"remote_addr":"127\.0\.0\.2".*"path":"\/client".*"queue_ms":\d+\.\d{3},/, 2)
      await server.says(/"remote_addr":"127\.0\.0\.2".*"status":101/)
      await proxy.stop()
      await server.stop()
    })

    test(`${kind} to ${upstream}: reloads and replaced workers under load`, { skip }, async (t) => {
      const { server, proxy, url } = await start(t, kind, upstream, {
        flags: ['--max-requests', '400', '--access-logfile', 'null'],
      })
      const clients = [
        new StrictClient(url, { connections: 8 }),
        new StrictClient(url, { connections: 4, fresh: true }),
        new StrictClient(url, { connections: 2, path: '/wait/100' }),
      ]
      try {
        await moreResponses(server, clients, 1)
        await reloads(server, clients, 2)
        await server.says(/is retired after \d+ requests \(max_requests\)/)
        await moreResponses(server, clients, 5)
      } finally {
        await Promise.all(clients.map((client) => client.stop()))
      }
      for (const client of clients) client.assertFlawless(() => server.report())
      await proxy.stop()
      await server.stop()
    })
  }
}

test(
  'haproxy passes TCP on with the PROXY protocol, and checks the server',
  { skip: lacks('haproxy') },
  async (t) => {
    const project = createProject(t, { 'app.js': app }, ['ws'])
    const flags = ['--proxy-protocol', 'on', '--access-logfile', '-', '--access-logformat', 'common']
    const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', ...flags, './app.js'] })
    const port = await freePort()
    const config = exampleConfig('haproxy/haproxy-tcp.cfg', {
      'bind :443': `bind 127.0.0.1:${port}`,
      '127.0.0.1:8000 send': `${new URL(server.url).host} send`,
      check: 'check inter 200ms fall 50',
    })
    const url = `http://127.0.0.1:${port}`
    const proxy = await startProxy(project, 'haproxy', { config, url })
    // The client may write any header: they are not those of a proxy.
    assert.equal(
      (await seen(url, { 'X-Forwarded-For': '6.6.6.6', 'X-Forwarded-Proto': 'https' })).ip,
      '127.0.0.2',
    )
    const body = randomBytes(5_000_000)
    const hash = createHash('sha256').update(body).digest('hex')
    assert.equal((await request(url, '/upload', { method: 'POST' }, body)).body, hash)
    const clients = [
      new StrictClient(url, { connections: 4 }),
      new StrictClient(url, { connections: 4, fresh: true }),
    ]
    try {
      await moreResponses(server, clients, 1)
      await reloads(server, clients, 1)
    } finally {
      await Promise.all(clients.map((client) => client.stop()))
    }
    for (const client of clients) client.assertFlawless(() => server.report())
    await proxy.stop()
    await server.stop()
    assert.doesNotMatch(server.stderr, /was closed: /, 'neither a check nor a client was refused')
    assert.match(server.stdout, /^127\.0\.0\.2 - - /m)
  },
)

test('haproxy passes TLS on, which ends at tsgun', { skip: lacks('haproxy') }, async (t) => {
  const project = createProject(t, { 'app.js': app }, ['ws'])
  const fixtures = `${repository}/test/fixtures/tls`
  const tls = ['--certfile', `${fixtures}/cert.pem`, '--keyfile', `${fixtures}/key.pem`]
  const flags = ['-b', '127.0.0.1:0', '--proxy-protocol', 'on', ...tls, './app.js']
  const server = await startServer(project, { arguments: flags })
  const port = await freePort()
  const config = exampleConfig('haproxy/haproxy-tcp.cfg', {
    'bind :443': `bind 127.0.0.1:${port}`,
    '127.0.0.1:8000 send': `${new URL(server.url).host} send`,
  })
  const proxy = await startProxy(project, 'haproxy', { config, url: `http://127.0.0.1:${port}` })
  const options = { localAddress: '127.0.0.2', agent: false, rejectUnauthorized: false }
  const [response] = (await once(https.get(`https://127.0.0.1:${port}/client`, options), 'response')) as [
    http.IncomingMessage,
  ]
  const { ip, scheme } = JSON.parse((await response.toArray()).join('')) as Seen // of the app above
  assert.deepEqual({ ip, scheme }, { ip: '127.0.0.2', scheme: 'https' })
  await proxy.stop()
  await server.stop()
})

for (const kind of ['haproxy', 'caddy'] as const) {
  test(`the app of the example ${kind} serves behind it`, { skip: lacks(kind) }, async (t) => {
    const { server, proxy, url } = await start(t, kind, 'unix', { ownApp: true })
    assert.equal((await request(url, '/')).body, `127.0.0.2 asked ${url}\n`)
    await proxy.stop()
    await server.stop()
  })
}

test('the app of the example nginx serves behind it', { skip: lacks('nginx') }, async (t) => {
  const { server, proxy, url } = await start(t, 'nginx', 'unix', { ownApp: true })
  assert.equal((await request(url, '/')).body, `127.0.0.2 asked ${url}\n`)
  assert.match((await request(url, '/upload', { method: 'POST' }, Buffer.alloc(9))).body, /^[\da-f]{64}\n$/)
  await proxy.stop()
  await server.stop()
})

for (const kind of kinds) {
  test(
    `${kind}: a response before the end of an upload reaches the client`,
    { skip: lacks(kind) },
    async (t) => {
      const { server, proxy, url } = await start(t, kind, 'tcp', { flags: ['--limit-request-body', '10M'] })
      const once = (path: string, size: number, headers = {}): Promise<Answer> =>
        request(url, path, { method: 'POST', headers }, Buffer.alloc(size))
      // Go's server resets a client that still sends half a second after the response (rstAvoidanceDelay),
      // as one does on a busy machine.
      const tries = kind === 'caddy' ? 6 : 1
      const upload = async (...upload: Parameters<typeof once>): Promise<Answer> => {
        for (let left = tries - 1; left > 0; left -= 1) {
          const answer = await once(...upload).catch((error: unknown) => t.diagnostic(String(error)))
          if (answer !== undefined) return answer
        }
        return once(...upload)
      }
      for (let round = 0; round < 3; round += 1) {
        assert.equal((await upload('/upload', 20_000_000)).status, 413)
        assert.deepEqual(await upload('/refuse', 5_000_000), { status: 401, body: 'who are you?' })
        assert.equal((await upload('/upload', 5_000_000, { Expect: '100-continue' })).status, 200)
      }
      await proxy.stop()
      await server.stop()
    },
  )
}

test('nginx sends the file that the app names in X-Accel-Redirect', { skip: lacks('nginx') }, async (t) => {
  const { server, proxy, url } = await start(t, 'nginx', 'unix', {
    replaced: (project) => ({ '/srv/shop/files/': `${project.path('files')}/` }),
  })
  server.project.write('files/report.txt', 'tea and honey')
  assert.deepEqual(await request(url, '/download'), { status: 200, body: 'tea and honey' })
  assert.equal((await request(url, '/files/report.txt')).status, 404) // only the app can name it
  await proxy.stop()
  await server.stop()
})
