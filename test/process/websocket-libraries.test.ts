// WebSocket libraries, each attached as its own docs say: a message and its reply, a clean close with 1012 at
// a reload, a recycle and a stop, and an access line with status 101 at the end of each connection.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { ask } from '../helpers/http.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

interface Library {
  readonly packages: readonly string[]
  readonly files: Readonly<Record<string, string>>
  /** More properties of the config. */
  readonly config?: string
  readonly path?: string
  /** What the client sends, and what it receives then. */
  readonly talk?: readonly (readonly [send: string, reply: RegExp])[]
}

const engineIo = '/socket.io/?EIO=4&transport=websocket'
const socketIoTalk = [
  ['40', /^40\{"sid":/],
  ['421["echo","hello"]', /^431\["hello"\]$/],
] as const

const gatewayOf = (adapter: string): Readonly<Record<string, string>> => ({
  'tsconfig.json': '{ "compilerOptions": { "experimentalDecorators": true } }',
  'app.ts': `import 'reflect-metadata'
import { Controller, Get, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
${adapter}
@Controller()
class Plain {
  @Get('plain')
  plain(): string { return 'plain' }
}
@WebSocketGateway(options)
class Echo {
  @SubscribeMessage('echo')
  echo(_client: unknown, data: unknown): unknown { return reply(data) }
}
@Module({ controllers: [Plain], providers: [Echo] })
class App {}
const app = await NestFactory.create(App, { logger: ['error', 'warn'] })
useAdapter(app)
export default app
`,
})

const nestPackages = [
  'reflect-metadata',
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/platform-express',
  '@nestjs/websockets',
]

const libraries: Readonly<Record<string, Library>> = {
  'ws, in an exported upgrade()': {
    packages: ['ws'],
    files: {
      'app.js': `import { WebSocketServer } from 'ws'
const sockets = new WebSocketServer({ noServer: true })
export default (req, res) => res.end('plain')
export const upgrade = (req, socket, head) => sockets.handleUpgrade(req, socket, head, (client) => {
  client.on('message', (data) => client.send(String(data)))
})
`,
    },
  },
  'ws, on worker.server': {
    packages: ['ws'],
    files: { 'app.js': `export default (req, res) => res.end('plain')\n` },
    config: `post_worker_init(worker) {
      new WebSocketServer({ server: worker.server, path: '/echo' })
        .on('connection', (client) => client.on('message', (data) => client.send(String(data))))
    }`,
    path: '/echo',
  },
  'socket.io, on worker.server': {
    packages: ['socket.io'],
    files: { 'app.js': `export default (req, res) => res.end('plain')\n` },
    config: `post_worker_init(worker) {
      new Server(worker.server).on('connection', (client) => client.on('echo', (data, reply) => reply(data)))
    }`,
    path: engineIo,
    talk: socketIoTalk,
  },
  'crossws, beside an app with fetch': {
    packages: ['crossws'],
    files: {
      'app.js': `import crossws from 'crossws/adapters/node'
const sockets = crossws({ hooks: { message: (peer, message) => peer.send(message.text()) } })
export default { fetch: () => new Response('plain') }
export const upgrade = sockets.handleUpgrade
`,
    },
  },
  'crossws, as an exported websocket': {
    packages: ['crossws'],
    files: {
      'app.js': `export default {
  fetch: () => new Response('plain'),
  websocket: { message: (peer, message) => peer.send(message.text()) },
}
`,
    },
  },
  'crossws, as an exported websocket whose hooks come with the response': {
    packages: ['crossws', 'h3'],
    files: {
      'app.js': `import { defineWebSocketHandler, H3 } from 'h3'
const app = new H3()
app.get('/plain', () => 'plain')
app.get('/echo', defineWebSocketHandler({ message: (peer, message) => peer.send(message.text()) }))
export default app
export const websocket = {}
`,
    },
    path: '/echo',
  },
  'crossws, with the routes of h3': {
    packages: ['crossws', 'h3'],
    files: {
      'app.js': `import crossws from 'crossws/adapters/node'
import { defineWebSocketHandler, H3 } from 'h3'
const app = new H3()
app.get('/plain', () => 'plain')
app.get('/echo', defineWebSocketHandler({ message: (peer, message) => peer.send(message.text()) }))
export default app
export const upgrade = crossws({ resolve: async (request) => (await app.fetch(request)).crossws }).handleUpgrade
`,
    },
    path: '/echo',
  },
  'crossws, in a program that calls serve()': {
    packages: ['crossws', 'srvx'],
    files: {
      'app.js': `import { serve } from 'crossws/server'
serve({
  port: process.env.PORT, hostname: '127.0.0.1',
  fetch: () => new Response('plain'),
  websocket: { message: (peer, message) => peer.send(message.text()) },
})
`,
    },
  },
  '@fastify/websocket': {
    packages: ['fastify', '@fastify/websocket'],
    files: {
      'app.js': `import fastify from 'fastify'
import websocket from '@fastify/websocket'
const app = fastify()
await app.register(websocket)
app.get('/plain', () => 'plain')
app.get('/echo', { websocket: true }, (client) => client.on('message', (data) => client.send(String(data))))
export default app
`,
    },
    path: '/echo',
  },
  '@hono/node-ws, in a program that calls serve()': {
    packages: ['hono', '@hono/node-server', '@hono/node-ws'],
    files: {
      'app.js': `import { serve } from '@hono/node-server'
import { createNodeWebSocket } from '@hono/node-ws'
import { Hono } from 'hono'
const app = new Hono()
const { injectWebSocket, upgradeWebSocket } = createNodeWebSocket({ app })
app.get('/plain', (c) => c.text('plain'))
app.get('/echo', upgradeWebSocket(() => ({ onMessage: (event, client) => client.send(event.data) })))
injectWebSocket(serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' }))
`,
    },
    path: '/echo',
  },
  '@hono/node-ws, with an exported app': {
    packages: ['hono', '@hono/node-ws'],
    files: {
      'app.js': `import { createNodeWebSocket } from '@hono/node-ws'
import { Hono } from 'hono'
const app = new Hono()
export const { injectWebSocket, upgradeWebSocket } = createNodeWebSocket({ app })
app.get('/plain', (c) => c.text('plain'))
app.get('/echo', upgradeWebSocket(() => ({ onMessage: (event, client) => client.send(event.data) })))
export default app
`,
    },
    config: `post_worker_init: async (worker) => (await import('./app.js')).injectWebSocket(worker.server)`,
    path: '/echo',
  },
  'a gateway of Nest with ws': {
    packages: [...nestPackages, '@nestjs/platform-ws'],
    files: gatewayOf(`import { WsAdapter } from '@nestjs/platform-ws'
import type { INestApplication } from '@nestjs/common'
const options = { path: '/echo' }
const reply = (data: unknown): unknown => ({ event: 'echo', data })
const useAdapter = (app: INestApplication): unknown => app.useWebSocketAdapter(new WsAdapter(app))`),
    path: '/echo',
    talk: [['{"event":"echo","data":"hello"}', /^\{"event":"echo","data":"hello"\}$/]],
  },
  'a gateway of Nest with socket.io': {
    packages: [...nestPackages, '@nestjs/platform-socket.io'],
    files: gatewayOf(`const options = {}
const reply = (data: unknown): unknown => data
const useAdapter = (_: unknown): void => undefined`),
    path: engineIo,
    talk: socketIoTalk,
  },
}

const imports: Readonly<Record<string, string>> = {
  ws: `import { WebSocketServer } from 'ws'\n`,
  'socket.io': `import { Server } from 'socket.io'\n`,
}

for (const [name, library] of Object.entries(libraries)) {
  const { packages, files, config = '', path = '/', talk = [['hello', /^hello$/]] } = library
  test(`${name}: a reply, 1012 at a reload, a recycle and a stop, and access lines with 101`, async (t) => {
    const app = 'app.ts' in files ? './app.ts' : './app.js'
    const project = createProject(
      t,
      {
        ...files,
        'server.config.js': `${config.includes('new ') ? (imports[packages[0] ?? ''] ?? '') : ''}export default {
          app: '${app}', bind: '127.0.0.1:0', accesslog: 'access.log', max_requests: 3,
          access_log_format: '%(U)s %(s)s %(B)s %(L)s',
          ${config}
        }\n`,
      },
      packages,
    )
    const server = await startServer(project, { environment: { PORT: '0' } })
    const sockets: WebSocket[] = []
    const open = async (): Promise<WebSocket> => {
      const socket = await conversation(t, server, { path, talk })
      sockets.push(socket)
      return socket
    }

    const [reloaded, again] = [await open(), await open()]
    server.signal('SIGHUP')
    assert.deepEqual(await Promise.all([endOf(reloaded), endOf(again)]), [1012, 1012])

    const recycled = await open()
    const end = endOf(recycled)
    for (let request = 0; request < 3; request += 1)
      assert.equal((await ask(server.url, '/plain')).body, 'plain')
    await server.says(/is retired after 3 requests/)
    assert.equal(await end, 1012)

    const stopped = endOf(await open())
    await server.stop()
    assert.equal(await stopped, 1012)
    assert.doesNotMatch(server.stderr, /cut off|ERROR|WARN/)
    const lines = project
      .read('access.log')
      .split('\n')
      .filter((line) => line.includes(' 101 '))
    assert.equal(lines.length, sockets.length, lines.join('\n'))
    for (const line of lines) {
      const [logged, , bytes, seconds] = line.split(' ')
      assert.equal(logged, path.replace(/\?.*/, ''))
      assert.ok(Number(bytes) > 100 && Number(seconds) > 0, line) // the head of the response counts
    }
  })
}

/** Resolves with a WebSocket on which the talk went as expected. */
async function conversation(
  t: TestContext,
  server: RunningServer,
  { path, talk }: Required<Pick<Library, 'path' | 'talk'>>,
): Promise<WebSocket> {
  // A gateway of Nest begins when the app "listens", a moment after the worker accepts.
  const socket = await eventually('the upgrade', async () => {
    const opening = new WebSocket(server.url.replace('http', 'ws') + path)
    t.after(() => opening.terminate())
    const failed = once(opening, 'error').then(() => undefined)
    return Promise.race([failed, once(opening, 'open').then(() => opening)])
  })
  const received: string[] = []
  socket.on('message', (data: Buffer) => received.push(data.toString()))
  for (const [send, reply] of talk) {
    socket.send(send)
    await server.until(`${reply}`, () => received.some((message) => reply.test(message)))
  }
  return socket
}

async function endOf(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number]
  return code
}
