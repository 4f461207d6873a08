// A server inside of a program: real programs that import tsgun/server. Each prints what it has found as
// lines of JSON, and must end by itself, with no process and no file left (launch() checks that).

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ask } from '../helpers/http.ts'
import { childrenOf, killProcess } from '../helpers/processes.ts'
import { createProject, launch, type Launched, type Project } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const app = `
export default (req, res) => res.end(JSON.stringify({ pid: process.pid, ppid: process.ppid, version: process.env.VERSION, cwd: process.cwd() }))
`

function program(t: TestContext, files: Readonly<Record<string, string>>): Project {
  return createProject(t, { 'app.js': app, ...files })
}

type Found = Readonly<Record<string, unknown>>

function linesOf({ stdout }: Launched): Found[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Found)
}

/** Runs it to its end, and returns what it has printed, by the names of the parts. */
async function run(project: Project, file = 'main.js', words: readonly string[] = []): Promise<Found> {
  const launched = launch(project, { bin: project.path(file), arguments: words })
  assert.deepEqual(await launched.exit(), { code: 0, signal: null }, launched.report())
  return Object.assign({}, ...linesOf(launched)) as Found
}

test('a program starts, reads, scales, reloads and stops servers, and nothing of its process changes', async (t) => {
  const project = program(t, {
    'deploy/app.js': app,
    'deploy/server.config.ts': `
      import type { Config } from 'tsgun'
      enum Level { Low = 'low' }
      const config: Config = {
        app: './app.js', bind: '127.0.0.1:0', workers: 1, errorlog: 'second.log', applog: null,
        env: { VERSION: Level.Low }, on_starting: () => { process.env.SEEN_BY_PROGRAM = 'yes' },
        post_worker_init() { process.env.VERSION += '!' },
      }
      export default config
    `,
    'main.js': `
      import { createServer } from 'tsgun/server'
      const print = (facts) => console.log(JSON.stringify(facts))
      const facts = () => ({
        title: process.title, directory: process.cwd(), umask: process.umask(), exitCode: process.exitCode,
        listeners: process.eventNames().filter((name) => name !== 'exit').map((name) => String(name) + process.listenerCount(name)).sort(),
        functions: [process.exit, process.emit, process.kill, process.cwd, console.log, console.error]
          .map((each) => known.indexOf(each)),
        flags: [process.execArgv, process.argv.length],
      })
      const exits = process.listenerCount('exit')
      const known = [process.exit, process.emit, process.kill, process.cwd, console.log, console.error]
      const environment = JSON.stringify(process.env)
      const before = JSON.stringify(facts())
      const get = async (server) => (await fetch(server.addresses[0])).json()
      const config = {
        app: './app.js', bind: ['127.0.0.1:0', 'unix:one.sock'], workers: 2, errorlog: 'logs.txt', applog: null,
        pidfile: 'one.pid', chdir: 'deploy', env: { VERSION: '1' },
        on_starting: (server) => print({ hook: server.pid === process.pid, console: 'of the program' }),
      }
      const one = createServer(config)
      const two = createServer('deploy/server.config.ts', { directory: process.cwd() })
      const seen = []
      one.on('event', ({ event }) => seen.push(event))
      one.once('worker_ready', ({ nr, worker_pid, level, msg }) => print({ typed: [typeof nr, typeof worker_pid, level], msg }))
      print({ created: one.state, none: one.addresses })
      await Promise.all([one.start(), two.start()])
      print({ serving: [one.state, two.state], addresses: one.addresses, configs: [one.status().config, two.status().config] })
      print({ one: await get(one), two: await get(two), status: one.status().workers, pids: one.workers().map(({ pid }) => pid) })
      await one.scale(1)
      await one.reload({ ...config, workers: 1, env: { VERSION: '2' } })
      await two.reload()
      const failed = await one.reload({ ...config, workers: 0 }).catch((error) => error)
      print({ failed: [failed.name, failed.message] })
      await one.reload()
      print({ after: await get(one), generation: one.status().generation, uptime: one.status().uptime_seconds < process.uptime() })
      print({ unchanged: JSON.stringify(facts()) === before || [before, facts()] })
      print({ environment: JSON.stringify({ ...process.env, SEEN_BY_PROGRAM: undefined }) === environment, seen: process.env.SEEN_BY_PROGRAM })
      await one.stop()
      print({ stopped: [one.state, two.state, await one.ended], again: await one.start().catch((error) => error.message) })
      print({ two: await get(two), events: seen })
      await Promise.all([two.stop({ quick: true }), two.stop()])
      print({ unchangedAfter: JSON.stringify(facts()) === before || [before, facts()], exits: process.listenerCount('exit') - exits })
    `,
  })
  const found = await run(project)
  const socket = `unix:${project.path('deploy/one.sock')}`
  assert.deepEqual([found['created'], found['none'], found['hook']], ['created', [], true])
  assert.deepEqual(found['serving'], ['serving', 'serving'])
  const [address, file] = found['addresses'] as string[]
  assert.match(address ?? '', /^http:\/\/127\.0\.0\.1:\d+$/)
  assert.equal(file, socket)
  assert.deepEqual(found['configs'], [null, project.path('deploy/server.config.ts')])
  assert.deepEqual(found['typed'], ['number', 'number', 'info'])
  const one = found['one'] as Found
  assert.equal(one['version'], '1')
  assert.equal(one['cwd'], project.path('deploy'))
  assert.ok((found['pids'] as number[]).includes(Number(one['pid'])))
  assert.equal((found['two'] as Found)['version'], 'low!')
  assert.deepEqual(found['status'], { wanted: 2, ready: 2 })
  const [name, message] = found['failed'] as string[]
  assert.equal(name, 'ReloadError')
  assert.match(message ?? '', /createServer\(\): workers: expected .*; got 0/)
  assert.equal((found['after'] as Found)['version'], '2')
  assert.equal(found['generation'], 4)
  assert.equal(found['uptime'], true)
  assert.equal(found['unchanged'], true)
  assert.deepEqual([found['unchangedAfter'], found['exits']], [true, 0])
  assert.deepEqual([found['environment'], found['seen']], [true, 'yes'])
  assert.deepEqual(found['stopped'], ['stopped', 'serving', 0])
  assert.match(String(found['again']), /can be called once/)
  const events = found['events'] as string[]
  const order = [
    'starting',
    'listening',
    'worker_started',
    'worker_ready',
    'workers_ready',
    'scaled',
    'reloading',
  ]
  assert.deepEqual(
    [...new Set(events)].filter((event) => order.includes(event)),
    order,
  )
  assert.equal(events.at(-1), 'stopped')
  assert.match(project.read('second.log'), /stopped/)
  assert.match(project.read('deploy/logs.txt'), /stopped/)
})

test('what cannot work in a program is refused with the reason, and nothing exits', async (t) => {
  const project = program(t, {
    'broken.js': "throw new Error('of this app')\n",
    'none.js': 'export const answer = 42\n',
    'main.js': `
      import net from 'node:net'
      import { Worker } from 'node:worker_threads'
      import { createServer, ConfigError, StartError, ServerStateError } from 'tsgun/server'
      const kinds = { ConfigError, StartError, ServerStateError }
      const base = { bind: '127.0.0.1:0', workers: 1, errorlog: null, accesslog: null }
      const attempt = async (name, config, options) => {
        const server = createServer(config, options)
        const error = await server.start().then(() => undefined, (reason) => reason)
        const kind = Object.keys(kinds).find((each) => error instanceof kinds[each])
        const { exitCode } = error
        const cause = error.cause?.name
        const ended = await server.ended
        console.log(JSON.stringify({ [name]: { kind, exitCode, message: error.message, cause, ended, state: server.state } }))
      }
      const busy = net.createServer().listen(0, '127.0.0.1')
      await new Promise((resolve) => busy.once('listening', resolve))
      await attempt('app', { ...base, app: (req, res) => res.end() })
      await attempt('hooks', { ...base, app: './app.js', post_fork() {}, pre_request() {}, on_starting() {} })
      await attempt('several', { ...base, app: './app.js', daemon: true, worker: 2 })
      await attempt('list', [])
      await attempt('file', './missing.config.ts')
      await attempt('flag', { ...base, app: './app.js' }, { args: ['--wrokers', '2'] })
      await attempt('config', { ...base, app: './app.js' }, { args: ['-c', 'other.json'] })
      await attempt('address', { ...base, app: './app.js', bind: '127.0.0.1:' + busy.address().port })
      await attempt('log', { ...base, app: './app.js', errorlog: 'missing/error.log' })
      await attempt('hook', { ...base, app: './app.js', on_starting() { throw new Error('not today') } })
      await attempt('boot', { ...base, app: './broken.js' })
      await attempt('export', { ...base, app: './none.js' })
      busy.close()
      const early = createServer({ ...base, app: './app.js' })
      const problems = [() => early.status(), () => early.workers()].map((call) => { try { call() } catch (error) { return error.name } })
      const starting = early.start().catch((error) => [error.name, error.exitCode])
      await early.stop()
      console.log(JSON.stringify({ problems, stoppedEarly: await starting, early: [early.state, await early.ended] }))
      const never = createServer({ app: './app.js' })
      await never.stop()
      console.log(JSON.stringify({ never: never.state }))
      const thread = new Worker("import('tsgun/server').then(({ createServer }) => createServer({ app: './app.js' }))", { eval: true })
      thread.once('error', ({ message }) => console.log(JSON.stringify({ thread: message })))
    `,
  })
  const found = await run(project)
  const refused = (name: string, pattern: RegExp, exitCode: number, kind = 'ConfigError'): Found => {
    const attempt = found[name] as Found
    assert.match(String(attempt['message']), pattern)
    const { kind: actual, exitCode: code, ended, state } = attempt
    assert.deepEqual([name, actual, code, ended, state], [name, kind, exitCode, exitCode, 'stopped'])
    return attempt
  }
  refused('app', /app: expected "module".*got a function \(app\); the workers are processes of their own/, 1)
  const { message } = refused('hooks', /post_fork: this hook runs in the workers, and a function cannot/, 1)
  assert.match(String(message), /pre_request: .*hooks: \["\.\/hooks\.js"\]/)
  assert.doesNotMatch(String(message), /on_starting/)
  refused('several', /worker: unknown setting.*[^]*daemon: only the command tsgun can do this/, 1)
  refused('list', /createServer\(\): it is a list/, 1)
  refused('file', /missing\.config\.ts/, 1)
  refused('flag', /args: --wrokers: unknown flag/, 1)
  refused('config', /args: --config: createServer\(\) has a config already/, 1)
  assert.equal(refused('address', /is in use/, 1, 'StartError')['cause'], 'BindError')
  assert.equal(refused('log', /^errorlog: cannot open/, 1, 'StartError')['cause'], 'LogOpenError')
  refused('hook', /the hook on_starting of createServer\(\) failed: not today/, 1, 'StartError')
  refused('boot', /of this app/, 3, 'StartError')
  refused('export', /none\.js/, 4, 'StartError')
  assert.deepEqual(found['problems'], ['ServerStateError', 'ServerStateError'])
  assert.deepEqual(
    [found['stoppedEarly'], found['early']],
    [
      ['StartError', 0],
      ['stopped', 0],
    ],
  )
  assert.equal(found['never'], 'stopped')
  assert.match(String(found['thread']), /main thread only/)
})

test('require() of tsgun/server works, with a function as config and the flags of an operator', async (t) => {
  const project = program(t, {
    'main.cjs': `
      const { createServer } = require('tsgun/server')
      let loads = 0
      const server = createServer(async () => ({ app: './app.js', bind: '127.0.0.1:0', errorlog: null, env: { VERSION: String(++loads) } }), { args: ['--workers', '2'] })
      server.start().then(async () => {
        const before = server.status().workers.wanted
        await server.reload()
        const { version } = await (await fetch(server.addresses[0])).json()
        console.log(JSON.stringify({ before, version }))
        await server.stop()
      })
    `,
  })
  assert.deepEqual(await run(project, 'main.cjs'), { before: 2, version: '2' })
})

test('a TypeScript program that tsx runs serves an app in TypeScript', async (t) => {
  const project = createProject(
    t,
    {
      'app.ts': 'export default (req: Request): Response => new Response(`typed ${req.method}`)\n',
      'main.ts': `
        import { createServer, type Server } from 'tsgun/server'
        const server: Server = createServer({ app: './app.ts', bind: '127.0.0.1:0', workers: 1, errorlog: null })
        await server.start()
        const [address = ''] = server.addresses
        console.log(JSON.stringify({ text: await (await fetch(address)).text() }))
        await server.stop()
      `,
    },
    ['tsx'],
  )
  const launched = launch(project, {
    bin: '--import',
    arguments: ['tsx', 'main.ts'],
    environment: { TSX_DISABLE_CACHE: '1' },
  })
  assert.deepEqual(await launched.exit(), { code: 0, signal: null }, launched.report())
  assert.deepEqual(linesOf(launched), [{ text: 'typed GET' }])
})

const longRunning = `
  import { createServer } from 'tsgun/server'
  const server = createServer(
    { app: './app.js', bind: '127.0.0.1:0', workers: 2, errorlog: 'error.log', capture_output: true, applog: 'app.log',
      on_starting: () => console.log('a hook prints'), on_exit: () => console.log('the last hook') },
    JSON.parse(process.argv[2] ?? '{}'),
  )
  process.on('SIGUSR2', () => process.exit(7))
  await server.start()
  const print = (facts) => process.stdout.write(JSON.stringify(facts) + '\\n')
  print({ url: server.addresses[0], title: process.title })
  server.ended.then((code) => print({ code }))
`

async function longRun(t: TestContext, options: object): Promise<{ project: Project; launched: Launched }> {
  const project = program(t, { 'main.js': longRunning })
  const launched = launch(project, { bin: project.path('main.js'), arguments: [JSON.stringify(options)] })
  await launched.until('the program to serve', () => linesOf(launched).length > 0)
  return { project, launched }
}

test('a program that is killed or exits leaves no worker', async (t) => {
  for (const [end, exit] of [
    ['SIGKILL', { code: null, signal: 'SIGKILL' }],
    ['SIGUSR2', { code: 7, signal: null }],
    ['SIGTERM', { code: null, signal: 'SIGTERM' }],
  ] as const) {
    const { launched } = await longRun(t, {})
    const workers = childrenOf(launched.pid)
    assert.ok(workers.length >= 2)
    launched.signal(end)
    assert.deepEqual(await launched.exit(), exit)
    const isLeft = (pid: number): boolean => {
      try {
        killProcess(pid, 'SIGCONT')
        return true
      } catch {
        return false // ESRCH
      }
    }
    await eventually('the workers to end', () => (workers.some(isLeft) ? undefined : true))
  }
})

test('signals, title, console and systemd are the ones of the server where the program asks for it', async (t) => {
  const { project, launched } = await longRun(t, {
    signals: ['SIGHUP', 'SIGTERM'],
    title: true,
    console: true,
  })
  const [first] = linesOf(launched)
  assert.equal(first?.['title'], 'tsgun: master [./app.js]')
  assert.match(project.read('app.log'), /a hook prints/)
  assert.doesNotMatch(launched.stdout, /a hook prints/)
  launched.signal('SIGHUP')
  await eventually('the reload', () => (/reload done/.test(project.read('error.log')) ? true : undefined))
  assert.equal((await ask(String(first?.['url']))).status, 200)
  launched.signal('SIGTERM')
  assert.deepEqual(await launched.exit(), { code: 0, signal: null }, launched.report())
  assert.deepEqual(linesOf(launched).at(-1), { code: 0 })
  assert.match(project.read('app.log'), /the last hook/)
})
