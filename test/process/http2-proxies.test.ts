// Real proxies that speak HTTP/2 in clear text to tsgun, with the configs of config-examples: the client of
// each stream, uploads, and reloads and replaced workers under load without a failed request.

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { ask } from '../helpers/http.ts'
import { exampleConfig, freePort, lacks, startProxy, type RunningProxy } from '../helpers/real-proxy.ts'
import { strictApp, StrictClient } from '../helpers/strict-client.ts'
import { createProject, repository, startServer, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'
import { replyToTea } from '../helpers/websocket-reply.ts'
import { moreResponses, reloads } from '../helpers/zero-failures.ts'

const app = `import { createHash } from 'node:crypto'
import { WebSocketServer } from 'ws'
${strictApp.replace('export default', 'const strict =')}
const routes = {
  '/client': ({ socket, httpVersion, headers }, res) =>
    res.end([httpVersion, socket.remoteAddress, socket.encrypted === true, headers.host].join(' ')),
  '/upload': async (req, res) => {
    const hash = createHash('sha256')
    for await (const chunk of req) hash.update(chunk)
    res.end(hash.digest('hex'))
  },
}
export default (req, res) => (routes[req.url] ?? strict)(req, res)
const sockets = new WebSocketServer({ noServer: true })
export const upgrade = (req, socket, head) => sockets.handleUpgrade(req, socket, head, (ws) => {
  ws.on('message', (data) => ws.send(req.httpVersion + ' ' + req.socket.remoteAddress + ': ' + data))
})
`

type ProxyKind = 'haproxy' | 'caddy'

interface Front {
  readonly server: RunningServer
  readonly proxy: RunningProxy
  /** Of the proxy. */
  readonly url: string
}

/** What the examples say in their comments for HTTP/2. */
const configOf: Readonly<Record<ProxyKind, (port: number, target: string) => string>> = {
  haproxy: (port, target) =>
    exampleConfig('haproxy/haproxy.cfg', {
      'bind :80\n': `bind 127.0.0.1:${port}\n`,
      'unix@/run/shop/http.sock check': `${target} check inter 200ms fall 50 proto h2`,
    }),
  caddy: (port, target) =>
    `{\n\tadmin off\n}\n` +
    exampleConfig('caddy/Caddyfile', {
      'shop.example {': `http://127.0.0.1:${port}, http://strict:${port} {`,
      'unix//run/shop/http.sock': target,
      '# versions h2c': 'versions h2c',
    }),
}

async function start(t: TestContext, kind: ProxyKind, flags: readonly string[]): Promise<Front> {
  const project = createProject(t, { 'app.js': app }, ['ws'])
  const config = `${repository}/config-examples/${kind}/server.config.ts`
  const server = await startServer(project, {
    arguments: [
      '-c',
      config,
      '-b',
      '127.0.0.1:0',
      '--http-protocols',
      'h2',
      '--http-protocols',
      'h1',
      ...flags,
      project.path('app.js'),
    ],
  })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const proxy = await startProxy(project, kind, {
    config: configOf[kind](port, new URL(server.url).host),
    url,
  })
  return { server, proxy, url }
}

/** Uploads one after the other until `isOver`, and resolves with their number. */
async function uploads(url: string, isOver: () => boolean): Promise<number> {
  let count = 0
  for (; !isOver(); count += 1) {
    const body = randomBytes(100_000)
    const hash = createHash('sha256').update(body).digest('hex')
    const answer = await ask(url, '/upload', { method: 'POST', body })
    assert.deepEqual([answer.status, answer.body], [200, hash])
  }
  return count
}

for (const kind of ['haproxy', 'caddy'] as const) {
  const skip = lacks(kind)

  test(`${kind} speaks HTTP/2 to tsgun: the client of each stream, and uploads`, { skip }, async (t) => {
    const { server, proxy, url } = await start(t, kind, ['-w', '1'])
    const spoofed = { 'X-Forwarded-For': '6.6.6.6', Forwarded: 'for=6.6.6.6', 'X-Forwarded-Host': 'evil' }
    const { body } = await ask(url, '/client', { headers: spoofed })
    assert.equal(body, `2.0 127.0.0.1 false ${new URL(url).host}`)
    const large = randomBytes(20_000_000)
    const answer = await ask(url, '/upload', { method: 'POST', body: large })
    assert.equal(answer.body, createHash('sha256').update(large).digest('hex'))
    await proxy.stop()
    await server.stop()
    assert.match(server.stdout, /"path":"\/upload".*"protocol":"HTTP\/2\.0"/)
  })

  test(`${kind} over HTTP/2: reloads and replaced workers under load`, { skip }, async (t) => {
    const { server, proxy, url } = await start(t, kind, ['--max-requests', '400', '--access-logfile', 'null'])
    const clients = [
      new StrictClient(url, { connections: 8 }),
      new StrictClient(url, { connections: 4, fresh: true }),
      new StrictClient(url, { connections: 2, path: '/wait/100' }),
    ]
    let isOver = false
    const uploading = Promise.all([1, 2, 3].map(() => uploads(url, () => isOver)))
    try {
      await moreResponses(server, clients, 1)
      await reloads(server, clients, 3)
      await server.says(/is retired after \d+ requests \(max_requests\)/)
      await moreResponses(server, clients, 5)
    } finally {
      isOver = true
      await Promise.all(clients.map((client) => client.stop()))
    }
    for (const client of clients) client.assertFlawless(() => server.report())
    t.diagnostic(`${(await uploading).join(', ')} uploads`)
    await proxy.stop()
    await server.stop()
  })
}

test('haproxy passes a WebSocket on over HTTP/2', { skip: lacks('haproxy') }, async (t) => {
  const { server, proxy, url } = await start(t, 'haproxy', ['-w', '1', '--drain-delay', '0'])
  await eventually('a healthy server', async () => (await ask(url, '/client')).status === 200 || undefined)
  assert.equal(await replyToTea(url), '2.0 127.0.0.2: tea')
  await proxy.stop()
  await server.stop()
})
