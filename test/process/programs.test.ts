// Programs that listen by themselves, as `node server.js` runs them: unchanged, on the sockets of the master,
// with all that an exported app has.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import https from 'node:https'
import { connect } from 'node:net'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { ask, connectTo } from '../helpers/http.ts'
import { killProcess } from '../helpers/processes.ts'
import { recordsOf } from '../helpers/records.ts'
import { strictApp, StrictClient } from '../helpers/strict-client.ts'
import { createProject, launch, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'
import { moreResponses, reloads } from '../helpers/zero-failures.ts'

const keys = resolve(import.meta.dirname, '../fixtures/tls')
const started = `() => console.log('up ' + JSON.stringify([server.address(), server.listening]))`

/** What a program prints of the server that it believes to have. */
const up = ({ url }: RunningServer): RegExp =>
  new RegExp(String.raw`up \[\{"address":"127\.0\.0\.1","family":"IPv4","port":${new URL(url).port}\},true\]`)

const forms: Readonly<Record<string, readonly [file: string, text: string]>> = {
  'CommonJS, PORT': [
    'server.cjs',
    `const server = require('http').createServer((req, res) => res.end('hello'))
     server.listen(process.env.PORT || 3000, process.env.HOST, ${started})`,
  ],
  'an ES module, a port of its own, options': [
    'server.mjs',
    `import http from 'node:http'
     const server = http.createServer((req, res) => res.end('hello'))
     server.on('listening', ${started})
     if (server.listen({ port: 3000, host: 'localhost', backlog: 5 }) !== server) throw new Error('not itself')`,
  ],
  'TypeScript, after a while, in a function': [
    'main.ts',
    `import { createServer, type Server } from 'node:http'
     let server: Server
     async function bootstrap(): Promise<void> {
       await new Promise((resolve) => setTimeout(resolve, 1500))
       server = createServer((req, res) => void res.end('hello')).listen('3000', ${started})
     }
     void bootstrap()`,
  ],
  'a path instead of a port': [
    'server.mjs',
    `import http from 'node:http'
     const server = http.createServer((req, res) => res.end('hello')).listen('/nowhere/app.sock', ${started})`,
  ],
  'a search for a free port before': [
    'server.mjs',
    `import http from 'node:http'
     import net from 'node:net'
     const probe = net.createServer().listen(3000, () => probe.close(() => server.listen(3000, ${started})))
     const server = http.createServer((req, res) => res.end('hello'))`,
  ],
  'Express, the port as a text, exported too': [
    'app.mjs',
    `import express from 'express'
     export const app = express()
     app.get('/', (req, res) => res.send('hello'))
     const server = app.listen(process.env.PORT, ${started})
     export default app`,
  ],
}

for (const [form, [file, text]] of Object.entries(forms)) {
  test(`a program is served unchanged: ${form}`, async (t) => {
    const project = createProject(t, { [file]: text, 'tsconfig.json': '{}' }, ['express'])
    const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', '-w', '2', file] })
    await server.says(up(server), 2)
    const { status, body } = await ask(server.url)
    assert.deepEqual([status, body], [200, 'hello'])
    server.signal('SIGHUP')
    await server.says(/reload done: generation 2 serves/)
    assert.equal((await ask(server.url)).body, 'hello')
    await server.stop()
  })
}

/** The app of the strict client as a program, which closes its database when it is told to stop. */
const strictProgram = `import { createServer } from 'node:http'
${strictApp.replace('export default', 'const app =')}
createServer(app).listen(process.env.PORT)
`

test('reloads of a program fail no request', async (t) => {
  const project = createProject(t, { 'server.mjs': strictProgram })
  const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', '-w', '2', 'server.mjs'] })
  const clients = [
    new StrictClient(server.url, { connections: 8 }),
    new StrictClient(server.url, { connections: 2, fresh: true }),
    new StrictClient(server.url, { connections: 2, path: '/wait/200' }),
  ]
  await moreResponses(server, clients, 1)
  try {
    await reloads(server, clients, 3)
  } finally {
    await Promise.all(clients.map((client) => client.stop()))
  }
  for (const client of clients) client.assertFlawless(() => server.report())
  assert.doesNotMatch(server.stderr, /cut off|died|uncaught/)
  await server.stop()
})

const settings =
  `access_log_format: 'json', accesslog: 'access.log', errorlog: 'error.log', log_format: ` + `'json'`
const configured = (more: string): string =>
  `export default { app: './server.mjs', bind: '127.0.0.1:0', workers: 1, ${settings}, ${more} }\n`

interface AccessLine {
  readonly path: string
  readonly status: number
  readonly outcome: string
  readonly request_id: string
}
const accessLines = (project: Project): AccessLine[] => recordsOf<AccessLine>(project, 'access.log')

test('requests of a program have all that requests of an exported app have', async (t) => {
  const project = createProject(t, {
    'server.config.js': `import { appendFileSync } from 'node:fs'
      ${configured(`request_timeout: 0.5, health_check: '/healthz',
        pre_request: (worker, req) => req.url !== '/healthz' && appendFileSync('hooks.txt', 'pre ' + req.url + '\\n'),
        post_request: (worker, req, res) => appendFileSync('hooks.txt', 'post ' + req.url + ' ' + res.statusCode + '\\n')`)}`,
    'server.mjs': `import { createServer } from 'node:http'
      let checked = 0
      createServer(async (req, res) => {
        if (req.url === '/healthz') return void res.writeHead((checked += 1) < 3 ? 503 : 200).end()
        if (req.url === '/slow') return
        if (req.url === '/fail') throw new Error('of the program')
        res.setHeader('checked', checked).end(req.id)
      }).listen(3000)`,
  })
  const server = await startServer(project)
  const { headers, body } = await ask(server.url, '/')
  assert.equal(headers['checked'], '3')
  assert.equal((await ask(server.url, '/fail')).status, 500)
  assert.equal((await ask(server.url, '/slow')).status, 503)
  await server.until('three lines', () => accessLines(project).length === 3)
  assert.deepEqual(
    accessLines(project).map(({ path, status, outcome }) => [path, status, outcome]),
    [
      ['/', 200, 'complete'],
      ['/fail', 500, 'complete'],
      ['/slow', 503, 'timeout'],
    ],
  )
  assert.equal(accessLines(project)[0]?.request_id, body)
  assert.match(project.read('error.log'), /GET \/fail → 500: of the program/)
  assert.match(project.read('hooks.txt'), /^pre \/\npost \/ 200\npre \/fail\npost \/fail 500\npre \/slow\n/)
  await server.stop()
})

test('a WebSocket of a program is closed with 1012 at a stop', async (t) => {
  const project = createProject(
    t,
    {
      'server.mjs': `import { createServer } from 'node:http'
        import { WebSocketServer } from 'ws'
        const server = createServer((req, res) => res.end('http'))
        new WebSocketServer({ server }).on('connection', (socket) => socket.on('message', (text) => socket.send('echo ' + text)))
        server.listen(3000)`,
    },
    ['ws'],
  )
  const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', 'server.mjs'] })
  const socket = new WebSocket(server.url.replace('http', 'ws'))
  await once(socket, 'open')
  socket.send('1')
  const [echo] = await once(socket, 'message')
  assert.equal(String(echo), 'echo 1')
  server.signal('SIGTERM')
  const [code] = await once(socket, 'close')
  assert.equal(code, 1012)
  await server.stop()
})

test('a program with a certificate of its own: health check, access log, drain', async (t) => {
  const project = createProject(t, {
    'server.config.js': configured(`health_check: '/healthz'`),
    'server.mjs': `import { createServer } from 'node:https'
      import { readFileSync } from 'node:fs'
      const [key, cert] = ['key.pem', 'cert.pem'].map((file) => readFileSync('${keys}/' + file))
      createServer({ key, cert }, (req, res) => {
        if (req.url === '/slow') setTimeout(() => res.end('slow'), 500, console.log('begun'))
        else res.end(String(req.socket.encrypted))
      }).listen(3443)`,
  })
  const server = await startServer(project)
  const get = async (path: string): Promise<string> => {
    const request = https.get({
      port: new URL(server.url).port,
      path,
      rejectUnauthorized: false,
      agent: false,
    })
    const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>]
    let text = ''
    for await (const chunk of response) text += String(chunk)
    return text
  }
  assert.equal(await get('/'), 'true')
  const slow = get('/slow')
  await server.says(/begun/)
  server.signal('SIGTERM')
  assert.equal(await slow, 'slow')
  await server.stop()
  assert.deepEqual(
    accessLines(project).map(({ path, status }) => [path, status]),
    [
      ['/', 200],
      ['/slow', 200],
    ],
  )
})

test('a program that speaks HTTP/2: requests have lines, and a stop lets them end', async (t) => {
  const project = createProject(t, {
    'server.config.js': configured(''),
    'server.mjs': `import { createServer } from 'node:http2'
      createServer((req, res) => {
        if (req.url === '/slow') setTimeout(() => res.end('slow'), 500)
        else res.end('two')
      }).listen(3000)`,
  })
  const server = await startServer(project)
  const session = connectHttp2(server.url)
  const get = async (path: string): Promise<string> => {
    let text = ''
    for await (const chunk of session.request({ ':path': path })) text += String(chunk)
    return text
  }
  assert.equal(await get('/'), 'two')
  await server.until('a line', () => accessLines(project).length === 1)
  const slow = get('/slow')
  await new Promise<void>((answered) => session.ping(() => answered()))
  server.signal('SIGTERM')
  const [[goaway], text] = await Promise.all([once(session, 'goaway'), slow])
  assert.deepEqual([goaway, text], [0, 'slow'])
  await server.stop()
  assert.deepEqual(
    accessLines(project).map(({ path, status, outcome }) => [path, status, outcome]),
    [
      ['/', 200, 'complete'],
      ['/slow', 200, 'complete'],
    ],
  )
})

test('a program of plain connections is served, and cut off only at graceful_timeout', async (t) => {
  const project = createProject(t, {
    'server.mjs': `import { createServer } from 'node:net'
      createServer((socket) => socket.on('data', (chunk) => socket.write('echo ' + chunk))).listen(7000)`,
  })
  const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', 'server.mjs'] })
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1').setEncoding('utf8')
  socket.write('1')
  assert.deepEqual(await once(socket, 'data'), ['echo 1'])
  server.signal('SIGTERM')
  await server.says(/is retired \(stop\)/)
  socket.write('2')
  assert.deepEqual(await once(socket, 'data'), ['echo 2'])
  socket.end()
  await once(socket, 'close') // its server ends too, as Node's own does
  await server.stop()
  assert.doesNotMatch(server.stderr, /cut off/)
})

const two = `import { createServer } from 'node:http'
createServer((req, res) => res.end('main')).listen(process.env.PORT)
createServer((req, res) => res.end('metrics')).listen(9464)
`

test('a second port that bind does not have ends the start with its remedy', async (t) => {
  const project = createProject(t, { 'server.mjs': two })
  const refused = launch(project, { arguments: ['-b', '127.0.0.1:0', '-w', '2', 'server.mjs'] })
  assert.deepEqual(await refused.exit(), { code: 4, signal: null })
  assert.match(
    refused.stderr,
    /server\.mjs:3:\d+ listens on port 9464, which is not in bind: .*write bind: \["127\.0\.0\.1:\d+", ":9464"\]/,
  )
  assert.doesNotMatch(refused.stderr, /EADDRINUSE|uncaught/)
})

test('each server of a program gets its own address of bind', async (t) => {
  const project = createProject(t, { 'server.mjs': two.replace('9464', `process.env.METRICS_PORT`) })
  const free = await import('node:net').then(async ({ createServer }) => {
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const address = probe.address()
    probe.close()
    return typeof address === 'object' ? (address?.port ?? 0) : 0
  })
  const server = await startServer(project, {
    arguments: [
      '-b',
      '127.0.0.1:0',
      '-b',
      `127.0.0.1:${free}`,
      '-b',
      'unix:app.sock',
      '-w',
      '2',
      'server.mjs',
    ],
    environment: { METRICS_PORT: String(free) },
  })
  const bodies = await Promise.all(
    [server.url, `http://127.0.0.1:${free}`, `unix:${project.path('app.sock')}`].map(
      async (url) => (await ask(url)).body,
    ),
  )
  assert.deepEqual(bodies, ['main', 'metrics', 'main'])
  await server.stop()
})

test('a module that neither exports an app nor listens is told within seconds', async (t) => {
  const project = createProject(t, {
    'server.mjs': 'await new Promise((resolve) => setTimeout(resolve, ' + '100))\n',
  })
  const refused = launch(project, { arguments: ['-b', '127.0.0.1:0', 'server.mjs'] })
  assert.deepEqual(await refused.exit(), { code: 4, signal: null })
  assert.match(refused.stderr, /server\.mjs .*export/)
})

test('what listens and exports is told once: which of both is served', async (t) => {
  const listens = `import { createServer } from 'node:http'
    export const app = (req, res) => res.end('exported')
    createServer((req, res) => res.end('listening')).listen(process.env.PORT)`
  const project = createProject(t, { 'app.mjs': listens })
  for (const [app, body, says] of [
    ['./app.mjs', 'listening', /the module exports an app: the server that listens is served/g],
    ['./app.mjs:app', 'exported', /listens on port \d+, which has no effect/g],
  ] as const) {
    const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', '-w', '2', app] })
    assert.equal((await ask(server.url)).body, body)
    assert.equal(server.stderr.match(says)?.length, 1, server.stderr)
    await server.stop()
  }
})

test('a program that closes its server has its callback called, and its worker is replaced', async (t) => {
  const project = createProject(t, {
    'server.mjs': `import { createServer } from 'node:http'
      const server = createServer((req, res) => {
        res.end(String(process.pid))
        if (req.url === '/close') server.close((error) => console.log('closed ' + error))
      }).listen(3000)`,
  })
  const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', 'server.mjs'] })
  const before = (await ask(server.url, '/close')).body
  await server.says(/closed undefined/)
  await eventually('another worker', async () => ((await ask(server.url)).body !== before ? true : undefined))
  await server.stop()
})

test('a client of a unix socket reaches the program that reads PORT', async (t) => {
  const project = createProject(t, { 'server.mjs': two.split('\n').slice(0, 2).join('\n') })
  const server = await startServer(project, { arguments: ['-b', 'unix:app.sock', 'server.mjs'] })
  assert.equal((await ask(`unix:${project.path('app.sock')}`)).body, 'main')
  connectTo(server.url).destroy()
  await server.stop()
})

test(
  'the own SIGTERM handler of a program runs when its drain is over, whoever sends the ' + 'signal',
  async (t) => {
    const project = createProject(t, {
      'server.mjs': `import { createServer } from 'node:http'
      const server = createServer((req, res) => {
        console.log('begun')
        setTimeout(() => res.end('whole'), 1000)
      }).listen(process.env.PORT)
      process.on('SIGTERM', () => server.close((error) => {
        console.log('database closed ' + error)
        process.exit(0)
      }))`,
    })
    const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', 'server.mjs'] })
    const response = ask(server.url)
    await server.says(/begun/)
    killProcess(-server.pid, 'SIGTERM') // the whole group, as Ctrl-C and systemd do
    assert.equal((await response).body, 'whole')
    await server.says(/database closed undefined/)
    assert.deepEqual(await server.exit(), { code: 0, signal: null })
  },
)
