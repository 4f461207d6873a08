// The app's own log in a real server: `log` and `req.log` in apps of every kind, and one request id in all
// three logs.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync, unlinkSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ask, connectTo } from '../helpers/http.ts'
import { recordsOf } from '../helpers/records.ts'
import {
  cleanEnvironment,
  createProject,
  launch,
  nodeBinary,
  repository,
  startServer,
  type Project,
  type RunningServer,
} from '../helpers/tsgun.ts'

type Line = Readonly<Record<string, unknown>>

const config = (settings = ''): string => `import { log } from 'tsgun'
export default { app: './app.js', bind: '127.0.0.1:0', accesslog: 'access.log', errorlog: 'error.log', applog: 'app.log',
  access_log_format: 'json', log_format: 'json', ${settings} }\n`

function projectWith(t: TestContext, app: string, settings = '', packages: readonly string[] = []): Project {
  return createProject(t, { 'app.js': app, 'server.config.js': config(settings) }, packages)
}

function linesOf(project: Project, file: string): Line[] {
  return recordsOf<Line>(project, file)
}

const saying = (lines: readonly Line[], msg: string): Line[] => lines.filter((line) => line['msg'] === msg)

/** Each responds with its id, logs "asked" with a child of its logger, and fails at /fail. */
const apps = {
  plain: `export default (req, res) => {
    req.log.child({ module: 'shop' }).info('asked')
    if (req.url === '/fail') throw new Error('no stock')
    res.end(req.id)
  }`,
  express: `import express from 'express'
  export const app = express()
  app.use((req, res, next) => { req.log.child({ module: 'shop' }).info('asked'); next() })
  app.get('/', (req, res) => res.send(req.id))
  app.get('/fail', () => { throw new Error('no stock') })`,
  koa: `import Koa from 'koa'
  export const app = new Koa()
  app.use((ctx) => {
    ctx.req.log.child({ module: 'shop' }).info('asked')
    if (ctx.path === '/fail') throw new Error('no stock')
    ctx.body = ctx.req.id
  })`,
  fastify: `import fastify from 'fastify'
  import { log } from 'tsgun'
  export const app = fastify({ loggerInstance: log, genReqId: (req) => req.id, requestIdLogLabel: 'request_id', disableRequestLogging: true })
  app.addHook('onRequest', async (request) => request.log.child({ module: 'shop' }).info('asked'))
  app.get('/', (request) => request.id)
  app.get('/fail', () => { throw new Error('no stock') })`,
  hono: `import { Hono } from 'hono'
  import { requestId, requestLog } from 'tsgun'
  export const app = new Hono()
  app.use((c, next) => { requestLog(c.req.raw).child({ module: 'shop' }).info('asked'); return next() })
  app.get('/', (c) => c.text(requestId(c.req.raw)))
  app.get('/fail', () => { throw new Error('no stock') })`,
  fetch: `import { requestId, requestLog } from 'tsgun'
  export default { fetch(request) {
    requestLog(request).child({ module: 'shop' }).info('asked')
    if (request.url.endsWith('/fail')) throw new Error('no stock')
    return new Response(requestId(request))
  } }`,
}

for (const [kind, app] of Object.entries(apps)) {
  const packages = Object.keys({ express: 1, koa: 1, fastify: 1, hono: 1 }).filter((name) => name === kind)

  test(
    `${kind}: the request id, given or generated, is the same in the app, its records, the access line ` +
      'and the error',
    async (t) => {
      const project = projectWith(t, app, '', packages)
      const server = await startServer(project)
      const theirs = await ask(server.url, '/', { headers: { 'x-request-id': 'client-1' } })
      const made = await ask(server.url, '/', { headers: { 'x-request-id': 'not one id' } })
      await ask(server.url, '/fail', { headers: { 'x-request-id': 'client-3' } })
      await ask(server.url, '/fail')
      await server.stop()
      assert.equal(theirs.body, 'client-1')
      assert.match(made.body, /^[0-9a-f]{16}-\d{4}$/)
      const access = linesOf(project, 'access.log').map(({ request_id }) => request_id)
      assert.deepEqual(access.slice(0, 3), ['client-1', made.body, 'client-3'])
      assert.equal(new Set(access).size, 4)
      const asked = saying(linesOf(project, 'app.log'), 'asked')
      assert.deepEqual(
        asked.map(({ level, nr, module, request_id }) => [level, nr, module, request_id]),
        access.map((id) => ['info', 0, 'shop', id]),
      )
      const failed = saying(linesOf(project, 'error.log'), 'GET /fail → 500: no stock')
      assert.deepEqual(
        failed.map(({ request_id }) => request_id),
        access.slice(2),
      )
    },
  )
}

test(
  'a CommonJS app, and an app with its own copy of the package, share the log of the running ' + 'server',
  async (t) => {
    const script = `const { log, requestLog } = require('tsgun')
log.info('loaded')
module.exports = (req, res) => { requestLog(req).info('asked'); res.end(String(requestLog(req) === req.log)) }\n`
    const common = createProject(t, { 'package.json': '{}', 'app.js': script, 'server.config.mjs': config() })
    const copied = createProject(t, { 'package.json': '{}', 'app.js': script, 'server.config.mjs': config() })
    unlinkSync(copied.path('node_modules/tsgun'))
    mkdirSync(copied.path('node_modules/tsgun'))
    for (const part of ['dist', 'package.json'])
      cpSync(join(repository, part), copied.path(`node_modules/tsgun/${part}`), { recursive: true })
    symlinkSync(join(repository, 'node_modules'), copied.path('node_modules/tsgun/node_modules'))
    for (const project of [common, copied]) {
      const server = await startServer(project)
      assert.equal((await ask(server.url, '/', { headers: { 'x-request-id': 'c-1' } })).body, 'true')
      await server.stop()
      const [loaded, asked] = linesOf(project, 'app.log')
      assert.deepEqual([loaded?.['msg'], loaded?.['level'], loaded?.['nr']], ['loaded', 'info', 0])
      assert.deepEqual([asked?.['msg'], asked?.['request_id']], ['asked', 'c-1'])
    }
  },
)

test(
  'an app that assigns ids and loggers itself, as pino-http does, keeps them, and the access line has ' +
    'its id',
  async (t) => {
    const project = projectWith(
      t,
      `import { log } from 'tsgun'
export default (req, res) => {
  req.id = req.id || 'never'
  const before = req.id
  if (req.url === '/own') req.id = 'own id'
  req.log = log.child({ req: { id: req.id } })
  req.log.info('asked')
  res.end(before)
}`,
    )
    const server = await startServer(project)
    const { body } = await ask(server.url, '/')
    await ask(server.url, '/own')
    await server.stop()
    assert.match(body, /^[0-9a-f]{16}-0000$/)
    const access = linesOf(project, 'access.log').map(({ request_id }) => request_id)
    assert.deepEqual(access, [body, 'own%20id'])
    assert.deepEqual(
      linesOf(project, 'app.log').map(({ req }) => req),
      [{ id: body }, { id: 'own id' }],
    )
  },
)

test('a request that the app sends itself has no id and no logger', async (t) => {
  const project = projectWith(
    t,
    `import http from 'node:http'
export default (req, res) => {
  if (req.url === '/inner') return res.end('inner')
  http.get({ host: '127.0.0.1', port: req.socket.localPort, path: '/inner' }, (answer) => {
    answer.resume()
    res.end(JSON.stringify([typeof answer.id, typeof answer.log, 'id' in answer]))
  })
}`,
  )
  const server = await startServer(project)
  assert.equal((await ask(server.url, '/')).body, '["undefined","undefined",true]')
  await server.stop()
})

test('an upgrade request has an id, in the app and in its line; an invalid request has none', async (t) => {
  const project = projectWith(
    t,
    `export default (req, res) => res.end()
export function upgrade(req, socket) {
  req.log.info('upgraded')
  socket.end('HTTP/1.1 101 Switching Protocols\\r\\n\\r\\n')
}`,
  )
  const server = await startServer(project)
  for (const head of [
    'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\nx-request-id: ws-1\r\n\r\n',
    'NOT HTTP\r\n\r\n',
  ]) {
    const socket = connectTo(server.url)
    socket.resume().end(head)
    await once(socket, 'close')
  }
  await server.stop()
  assert.equal(saying(linesOf(project, 'app.log'), 'upgraded')[0]?.['request_id'], 'ws-1')
  const ids = new Map(linesOf(project, 'access.log').map(({ status, request_id }) => [status, request_id]))
  assert.deepEqual([ids.get(101), ids.get(400)], ['ws-1', null])
})

const loud = `import { log } from 'tsgun'
log.debug({ password: 'secret-1', user: { token: 'secret-2', name: 'ann' } }, 'loaded')
export default (req, res) => {
  req.log.error({ err: Object.assign(new Error('refused'), { token: 'secret-3' }), password: 'secret-4' }, 'no answer')
  throw Object.assign(new Error('broken'), { token: 'secret-5' })
}`

test(
  'log_redact removes its paths from the records of the app, of requests, of workers and of hooks in ' +
    'the master',
  async (t) => {
    const hook = `when_ready: () => log.info({ password: 'secret-6', n: 1 }, 'in the master'),`
    const redact = `loglevel: 'debug', log_redact: ['password', '*.token'], ${hook}`
    const project = projectWith(t, loud, redact)
    const server = await startServer(project)
    await ask(server.url, '/')
    await server.stop()
    const app = linesOf(project, 'app.log')
    assert.deepEqual(
      saying(app, 'in the master').map(({ password, n, nr, pid }) => [password, n, nr, pid]),
      [['[Redacted]', 1, undefined, server.pid]],
    )
    assert.deepEqual(
      saying(app, 'loaded').map(({ level, password, user }) => [level, password, user]),
      [['debug', '[Redacted]', { token: '[Redacted]', name: 'ann' }]],
    )
    const [answer] = saying(app, 'no answer')
    assert.match(JSON.stringify(answer), /"token":"\[Redacted\]".*"password":"\[Redacted\]"/)
    assert.match(JSON.stringify(answer?.['err']), /"stack":"Error: refused\\n {4}at/)
    assert.match(
      JSON.stringify(saying(linesOf(project, 'error.log'), 'GET / → 500: broken')),
      /"token":"\[Redacted\]"/,
    )
    for (const file of ['app.log', 'error.log']) assert.doesNotMatch(project.read(file), /secret/)
  },
)

test('censor and remove of log_redact work as in pino, also in the text format', async (t) => {
  for (const [extra, shown] of [
    [
      `censor: '***'`,
      /\[DEBUG\] \[worker 0\] loaded password=\*\*\* user=\{"token":"\*\*\*","name":"ann"\}$/m,
    ],
    ['remove: true', /\[DEBUG\] \[worker 0\] loaded user=\{"name":"ann"\}$/m],
  ] as const) {
    const redact =
      `loglevel: 'debug', log_format: 'text', log_redact: { paths: ['password', ` +
      `'user.token'], ` +
      `${extra} }`
    const project = projectWith(t, loud, redact)
    const server = await startServer(project)
    await server.stop()
    assert.match(project.read('app.log'), shown)
  }
})

test(
  'a path that pino does not accept ends the start and is named, also from the command ' + 'line',
  async (t) => {
    const project = projectWith(t, loud, `log_redact: ['password', 'a[']`)
    const refused = launch(project)
    assert.equal((await refused.exit()).code, 1)
    assert.match(
      refused.stderr,
      /^server\.config\.js: log_redact: expected .* \("a\[": Invalid redaction path \(a\[\)\)$/m,
    )
    const flags = launch(project, { arguments: ['--log-redact', 'a', '--log-redact', 'b..c'] })
    assert.equal((await flags.exit()).code, 1)
    assert.match(
      flags.stderr,
      /^command line: --log-redact: expected .* \("b\.\.c": Invalid redaction path \(b\.\.c\)\)$/m,
    )
  },
)

test(
  'the text format has brackets as in the error log and fields as key=value; a forged record stays ' +
    'inside its own',
  async (t) => {
    const app = `import { log } from 'tsgun'
log.warn({ order: 17, note: 'two words' }, 'late')
log.info({ pid: '1] forged', nr: 9, time: 'x', level: 'y' }, 'a\\n[2026-01-01] [1] [INFO] forged')
log.child({}, { customLevels: { audit: 35 } }).audit({ msg: { a: 1 } })
export default (req, res) => { req.log.info('asked'); res.end() }`
    const project = projectWith(t, app, `log_format: 'text', access_log_format: '%(s)s %(I)s',`)
    const server = await startServer(project)
    await ask(server.url, '/', { headers: { 'x-request-id': 'c-1' } })
    await server.stop()
    const stamp = String.raw`\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [+-]\d{4}\] \[\d+\]`
    const expected = [
      `${stamp} \\[WARN\\] \\[worker 0\\] late order=17 note="two words"`,
      `${stamp} \\[INFO\\] \\[worker 0\\] a\n {4}\\[2026-01-01\\] \\[1\\] \\[INFO\\] forged`,
      `${stamp} \\[AUDIT\\] \\[worker 0\\] \\{"a":1\\}`,
      `${stamp} \\[INFO\\] \\[worker 0\\] asked request_id=c-1`,
    ]
    assert.match(project.read('app.log'), new RegExp(`^${expected.join('\n')}\n$`))
    assert.equal(project.read('access.log'), '200 c-1\n')
  },
)

async function lastWords(server: RunningServer, project: Project): Promise<Line | undefined> {
  await ask(server.url, '/').catch(() => undefined) // its worker exits
  await server.until('the next worker', () => project.read('error.log').split('is ready after').length === 3)
  await server.stop()
  return saying(linesOf(project, 'app.log'), 'last words')[0]
}

for (const level of ['error', 'fatal'])
  test(
    `a record of level ${level} is in the app log even if its worker is killed at the same ` + 'moment',
    async (t) => {
      const app =
        `export default (req, res) => { req.log.info('before'); req.log.${level}('last words'); ` +
        `process.kill(process.pid, 'SIGKILL') }`
      const project = projectWith(t, app)
      const server = await startServer(project)
      assert.equal((await lastWords(server, project))?.['level'], level)
      assert.equal(saying(linesOf(project, 'app.log'), 'before').length, 1)
    },
  )

test('what was logged just before process.exit() is in the app log', async (t) => {
  const app = `import { log } from 'tsgun'
export default (req, res) => { log.info('first'); log.info('last words'); process.exit(3) }`
  const project = projectWith(t, app)
  const server = await startServer(project)
  assert.equal((await lastWords(server, project))?.['level'], 'info')
})

test(
  'with capture_output: false log records still go to the app log, and printed output does ' + 'not',
  async (t) => {
    const app = `import { log } from 'tsgun'
console.log('printed')
log.info('logged')
export default (req, res) => res.end()`
    const project = projectWith(t, app, 'capture_output: false,')
    const server = await startServer(project)
    await server.stop()
    assert.deepEqual(
      linesOf(project, 'app.log').map(({ msg }) => msg),
      ['logged'],
    )
    assert.equal(server.stdout, 'printed\n')
  },
)

test('a reload changes level and redaction, in the workers and for the hooks in the master', async (t) => {
  const app = `import { log } from 'tsgun'
log.debug({ password: 'p' }, 'loaded')
export default (req, res) => res.end()`
  const hook = `child_exit: () => log.debug({ password: 'p' }, 'hook'),`
  const project = projectWith(t, app, hook)
  const server = await startServer(project)
  assert.equal(project.read('app.log'), '')
  project.write('server.config.js', config(`${hook} loglevel: 'debug', log_redact: ['password'],`))
  server.signal('SIGHUP')
  await server.until('the reload', () => project.read('error.log').includes('reload done'))
  await server.stop()
  const [loaded, hooked] = ['loaded', 'hook'].map((msg) => saying(linesOf(project, 'app.log'), msg)[0])
  assert.deepEqual([loaded?.['password'], hooked?.['password']], ['[Redacted]', '[Redacted]'])
})

test('--check-config shows what the app logs while it is loaded', async (t) => {
  const project = projectWith(
    t,
    `import { log } from 'tsgun'\nlog.warn('no cache')\nexport default (req, res) => res.end()`,
  )
  const check = launch(project, { arguments: ['--check-config'] })
  assert.equal((await check.exit()).code, 0)
  assert.match(check.stdout, /"msg":"no cache"/)
})

for (const [kind, words] of [
  [
    'an ES module',
    ['--input-type=module', '-e', `import { log } from 'tsgun'; log.child({ job: 7 }).info('done')`],
  ],
  [
    'a CommonJS script',
    ['-e', `const { log } = require('tsgun'); log.debug('hidden'); log.child({ job: 7 }).info('done')`],
  ],
] as const)
  test(`outside of a server the log is plain pino on standard output, for ${kind}`, (t) => {
    const { directory } = createProject(t)
    const env = { ...cleanEnvironment(), LOG_LEVEL: 'trace' }
    const { stdout, stderr } = spawnSync(nodeBinary, words, { cwd: directory, env, encoding: 'utf8' })
    assert.equal(stderr, '')
    const { time, pid, hostname, ...rest } = JSON.parse(stdout) as Line
    assert.deepEqual(rest, { level: 30, job: 7, msg: 'done' })
    assert.ok([time, pid].every(Number.isInteger) && typeof hostname === 'string')
  })

test('a config file can import tsgun at no cost: pino is loaded with the first record', (t) => {
  const script = `const { readFileSync } = require('node:fs')
const { log } = require('tsgun')
const loaded = () => Object.keys(require.cache).filter((file) => file.includes('/pino/')).length > 0
process.stdout.write(String([loaded(), (log.level, loaded())]))`
  const { directory } = createProject(t)
  const { stdout } = spawnSync(nodeBinary, ['-e', script], {
    cwd: directory,
    env: cleanEnvironment(),
    encoding: 'utf8',
  })
  assert.equal(stdout, 'false,true')
})
