// A worker class of the user: where its code is called, what it decides, and what becomes of its mistakes.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { ask, connectTo, sendRaw } from '../helpers/http.ts'
import { recordsOf } from '../helpers/records.ts'
import { createProject, launch, startServer, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const app = `import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
export default async (req, res) => {
  if (req.url === '/wait') while (!existsSync('released')) await delay(10)
  let size = 0
  for await (const chunk of req) size += chunk.length
  res.end('app ' + req.url + ' ' + size + ' worker=' + process.env.TSGUN_WORKER_NR)
}\n`

const settings = `app: './app.js', worker_class: './class.ts', bind: ['127.0.0.1:0', 'unix:web.sock'],
  accesslog: 'access.log', access_log_format: 'json',`

/** `members`: of the service. */
function start(t: TestContext, members: string, more = '', base = 'async'): Promise<RunningServer> {
  const code = `import { defineWorkerClass } from 'tsgun'
export default defineWorkerClass({ base: '${base}', create: (context) => { ${members} } })\n`
  return startServer(
    createProject(t, {
      'app.js': app,
      'class.ts': code,
      'server.config.js': `export default { ${settings} ${more} }\n`,
    }),
  )
}

const release = ({ project }: RunningServer): void => project.write('released', '')

test('request() responds itself, passes on, waits and fails, each with its access line', async (t) => {
  const server = await start(
    t,
    `const queue: (() => unknown)[] = []
    return {
      request(req, res, next) {
        console.log('request ' + req.url)
        if (req.url === '/busy') return void res.writeHead(503, { 'retry-after': '7' }).end('full')
        if (req.url === '/queued') return void queue.push(next)
        if (req.url === '/flush') { next(); for (const each of queue) { each(); each() } return }
        if (req.url === '/throw') throw new Error('no lane')
        if (req.url === '/reject') return Promise.reject(new Error('no queue'))
        return next()
      },
    }`,
  )
  for (const url of server.listeners) assert.equal((await ask(url, '/a')).body, 'app /a 0 worker=0')
  const busy = await ask(server.url, '/busy')
  assert.deepEqual([busy.status, busy.headers['retry-after'], busy.body], [503, '7', 'full'])
  const queued = ask(server.url, '/queued', { method: 'POST', body: 'tea' })
  await server.says(/request \/queued/)
  assert.match((await ask(server.url, '/flush')).body, /^app \/flush/)
  assert.equal((await queued).body, 'app /queued 3 worker=0')
  assert.equal((await ask(server.url, '/throw')).status, 500)
  await server.says(/Error: no lane\n +at .*class\.ts:\d+/)
  assert.equal((await ask(server.url, '/reject')).status, 500)
  await server.says(/Error: no queue/)
  const expecting =
    'POST /expect HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 3\r\nconnection: close\r\n\r\ntea'
  assert.match(await sendRaw(server.url, expecting), /100 Continue[^]*app \/expect 3/)
  await server.stop()
  assert.equal(server.stdout.split('request /expect').length, 2, 'once, not again for checkContinue')
  const statuses = recordsOf<{ status: number }>(server.project, 'access.log').map(({ status }) => status)
  assert.deepEqual(statuses, [200, 200, 503, 200, 200, 500, 500, 200])
})

test('a request that waits in the class is in flight: its client may leave, and request_timeout counts', async (t) => {
  const server = await start(
    t,
    `return {
      request(req, res, next) {
        if (req.url !== '/held') return next()
        console.log('held, busy=' + context.load().busy)
        res.once('close', () => console.log('closed, next() returns ' + next()))
      },
    }`,
    'request_timeout: 1,',
  )
  const socket = connectTo(server.url)
  socket.write('GET /held HTTP/1.1\r\nhost: x\r\n\r\n')
  await server.says(/held, busy=1/)
  socket.destroy()
  await server.says(/closed, next\(\) returns undefined/)
  assert.equal((await ask(server.url, '/held')).status, 503)
  await server.says(/closed, next\(\) returns undefined/, 2)
  assert.doesNotMatch(server.stdout, /app \/held/)
  await server.stop()
})

test('a worker whose mayAccept() returns false leaves new connections to the others, until it changes', async (t) => {
  const server = await start(
    t,
    `const isOther = context.nr === 1
    let says = true
    process.on('SIGUSR2', () => { says = false; context.reconsider(); console.log('closed') })
    return { mayAccept: () => isOther || (says && context.load().busy < 1) }`,
    'workers: 2, worker_connections: 1000,',
  )
  const kept = Array.from({ length: 16 }, () => connectTo(server.url))
  await Promise.all(kept.map((socket) => once(socket, 'connect')))
  // one request that lasts in each worker: new connections go to worker 1 alone
  for (const socket of kept) socket.write('GET /wait HTTP/1.1\r\nhost: x\r\n\r\n')
  const bodies = await Promise.all(Array.from({ length: 40 }, () => ask(server.url, '/x')))
  assert.ok(bodies.length === 40)
  await eventually('worker 0 to have closed its gate', async () => {
    const { body } = await ask(server.url, '/x')
    return body.endsWith('worker=1') || undefined
  })
  for (let nr = 0; nr < 20; nr += 1) assert.match((await ask(server.url, '/x')).body, /worker=1$/)
  release(server)
  await Promise.all(kept.map((socket) => once(socket, 'data')))
  for (const socket of kept) socket.destroy()
  await eventually('worker 0 to accept again', async () => {
    const { body } = await ask(server.url, '/x')
    return body.endsWith('worker=0') || undefined
  })
  await server.stop()
})

test('connection() keeps connections of an address for another protocol, counted and drained', async (t) => {
  const server = await start(
    t,
    `return {
      connection(socket, address) {
        if (address.startsWith('unix:')) return false
        socket.on('data', (bytes) => socket.write('echo ' + bytes + ' of ' + context.load().connections))
        return true
      },
      listen: () => console.log('listens for ' + context.addresses.length),
      async drain({ within, signal }) {
        console.log('drains within ' + within + ' ' + signal.aborted)
        signal.addEventListener('abort', () => console.log('time is up'))
      },
    }`,
    'graceful_timeout: 2,',
  )
  await server.says(/listens for 2/)
  const [other = '', web = ''] = server.listeners
  assert.match((await ask(web, '/a')).body, /^app \/a/)
  const socket = connectTo(other)
  socket.write('tea')
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  assert.equal(bytes.toString(), 'echo tea of 1')
  const broken = connectTo(other)
  broken.write('x')
  await once(broken, 'data')
  broken.resetAndDestroy()
  assert.match((await ask(web, '/b')).body, /^app \/b/, 'an error of a socket ends that connection alone')
  const closed = once(socket, 'close')
  server.signal('SIGTERM')
  await closed
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  assert.match(server.stdout, /drains within 2000 false[^]*time is up/)
  assert.match(server.stderr, /a connection of http:/)
})

test('with the base sync a worker has one request at a time', async (t) => {
  const server = await start(
    t,
    `let busy = 0
    return { request(req, res, next) { console.log('busy ' + ++busy); res.once('close', () => (busy -= 1)); return next() } }`,
    '',
    'sync',
  )
  await Promise.all(Array.from({ length: 8 }, () => ask(server.url, '/x')))
  await server.stop()
  assert.deepEqual([...new Set(server.stdout.match(/busy \d+/g))], ['busy 1'])
})

test('mistakes in mayAccept, connection and drain are logged, and the worker serves', async (t) => {
  const server = await start(
    t,
    `return {
      mayAccept() { throw new Error('no idea') },
      connection(socket, address) { if (address.startsWith('unix:')) throw new Error('no line') },
      drain: () => Promise.reject(new Error('no end')),
    }`,
  )
  await server.says(/Error: no idea/)
  assert.match((await ask(server.url, '/a')).body, /^app \/a/)
  await assert.rejects(ask(server.listeners[1] ?? ''), /hang up|ECONNRESET|EPIPE/)
  await server.says(/Error: no line/)
  await server.stop()
  assert.match(server.stderr, /Error: no end/)
  assert.equal(server.stderr.split('Error: no idea').length, 2)
})

const mistakes: readonly (readonly [what: string, code: string, message: RegExp])[] = [
  [
    'exports no class',
    'export const lanes = 1',
    /the worker class \/.*class\.js has no default export; it exports lanes \(a number\); expected: export/,
  ],
  [
    'throws when it is loaded',
    'throw new Error("no licence")',
    /cannot load the worker class \/.*class\.js: no licence\n +Error: no licence\n +at .*class\.js:1/,
  ],
  [
    'fails in create()',
    'export default { create() { throw new Error("no lanes") } }',
    /create\(\) of the worker class \/.*class\.js failed: no lanes/,
  ],
  [
    'fails in listen()',
    'export default { create: () => ({ listen: () => Promise.reject(new Error("no port")) }) }',
    /listen\(\) of the worker class \/.*class\.js failed: no port/,
  ],
  [
    'never ends its listen()',
    'export default { create: () => ({ listen: () => new Promise(() => {}) }) }',
    /boot_timeout.*it is still in listen\(\) of the worker class \/.*class\.js/,
  ],
]

for (const [what, code, message] of mistakes)
  test(`a class that ${what} refuses the start with 3`, async (t) => {
    const config = `export default { ${settings} boot_timeout: 3 }\n`.replace('class.ts', 'class.js')
    const project = createProject(t, { 'app.js': app, 'class.js': code, 'server.config.js': config })
    const server = launch(project)
    assert.deepEqual(await server.exit(), { code: 3, signal: null })
    assert.match(server.stderr, message)
  })

test('a wrong name or path refuses the config; --check-config also creates the class', async (t) => {
  const project = createProject(t, { 'app.js': app, 'class.js': 'export default { create: () => 5 }' })
  const refused: readonly (readonly [value: string, message: RegExp])[] = [
    [
      'asink',
      /--worker-class: expected "async", .* or the path of a module; got "asink"; did you mean "async"\?$/m,
    ],
    ['gevent', /got "gevent".*; leave it out/],
    ['./klass', /--worker-class: cannot find module "\.\/klass": tried .*; did you mean .*class\.js\?/],
    ['./class.js:x()', /--worker-class: .*a module exports its class as it is: write no "\(\)"/],
    ['./class.js', /create\(\) of the worker class .*class\.js has returned a number, not an object/],
  ]
  for (const [value, message] of refused) {
    const words = ['--check-config', '-k', value, './app.js']
    const check = launch(project, { arguments: words })
    assert.deepEqual(await check.exit(), { code: 1, signal: null })
    assert.match(check.stderr, message)
  }
})

test('a reload with a class that fails changes nothing, and one with a better class serves', async (t) => {
  const server = await start(t, `return { request: (req, res) => res.end('one') }`)
  const write = (code: string): void => server.project.write('class.ts', code)
  assert.equal((await ask(server.url)).body, 'one')
  write('export default { create() { throw new Error("no two") } }')
  server.signal('SIGHUP')
  await server.says(/create\(\) of the worker class .* failed: no two/)
  await server.says(/reload failed/)
  assert.equal((await ask(server.url)).body, 'one')
  write(`export default { create: () => ({ request: (req, res) => res.end('three') }) }`)
  server.signal('SIGHUP')
  await server.says(/reload done/)
  assert.equal((await ask(server.url)).body, 'three')
  await server.stop()
})
