// Every hook of a real server: which process runs it, when, in which order and with what, compared with the
// tables that docs/reference/hooks.md and docs/reference/signals.md are made from. And what happens to a
// server whose hooks throw, reject or never end.

import assert from 'node:assert/strict'
import { after, before, test, type TestContext } from 'node:test'
import {
  hookNames,
  hookOrder,
  hookTable,
  startOfWorker,
  type HookName,
  type HookStep,
} from '../../src/config/hooks/table.ts'
import { signalTable } from '../../src/arbiter/model/signals.ts'
import { ask } from '../helpers/http.ts'
import { killProcess } from '../helpers/processes.ts'
import {
  createProject,
  launch,
  startServer,
  type LaunchOptions,
  type Project,
  type RunningServer,
} from '../helpers/tsgun.ts'

/** A hook that ran: the process and the shapes of its arguments. */
interface Call {
  readonly hook: HookName
  readonly pid: number
  readonly arguments: readonly string[]
}

/** A config whose hooks append a line to a file; `nr` of the worker tells the calls apart. */
const tracing = `
import { appendFileSync } from 'node:fs'
import { defineConfig } from 'tsgun'

function shape(value: unknown): string {
  if (value === null || typeof value !== 'object') return String(value)
  if ('num_workers' in value) return 'server'
  if ('nr' in value) return 'settings' in value ? 'worker' : 'worker view'
  if ('writeHead' in value) return 'response'
  if ('rawHeaders' in value) return 'request'
  return 'unknown'
}

const names = ${JSON.stringify(hookNames)} as const
const hooks = Object.fromEntries(names.map((name) => [name, (...parameters: unknown[]) => {
  appendFileSync('trace', JSON.stringify({ hook: name, pid: process.pid, arguments: parameters.map(shape) }) + '\\n')
}]))
`

function tracingConfig(settings: string): string {
  return (
    `${tracing}\nexport default defineConfig({ app: './app.js', bind: '127.0.0.1:0', workers: 2, ` +
    `...hooks, ${settings} })\n`
  )
}

const app = {
  'app.js': `export default (req, res) => {
  if (req.url !== '/stuck') return res.end(String(process.pid))
  for (;;);
}
`,
}

function calls(project: Project): Call[] {
  return project
    .read('trace')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Call)
}

/** Runs a step and returns the hooks that ran from then on, once they are as many as in the table. */
async function traced(
  server: RunningServer,
  steps: readonly HookStep[],
  step: () => void | Promise<unknown>,
  workers = 1,
): Promise<Call[]> {
  const start = calls(server.project).length
  const wanted = steps.reduce((sum, { runs }) => sum + (runs === 'each worker' ? workers : 1), 0)
  await step()
  await server.until(`${wanted} hooks`, () => calls(server.project).length >= start + wanted)
  return calls(server.project).slice(start)
}

/** The hooks in the order of their first call, and how often each was called, as in the table. */
function matches(
  found: readonly Call[],
  steps: readonly HookStep[],
  { workers = 1, changed = true } = {},
): void {
  const wanted = steps.filter(({ runs }) => runs !== 'changed' || changed)
  assert.deepEqual([...new Set(found.map(({ hook }) => hook))], [...new Set(wanted.map(({ hook }) => hook))])
  for (const { hook, runs } of wanted)
    assert.equal(
      found.filter((call) => call.hook === hook).length,
      runs === 'each worker' ? workers : 1,
      `how often ${hook} runs`,
    )
}

async function withServer(
  t: TestContext,
  settings = '',
  options: LaunchOptions = {},
): Promise<RunningServer> {
  const project = createProject(t, { ...app, 'server.config.ts': tracingConfig(settings) })
  const server = await startServer(project, options)
  await server.until('workers_ready', () => calls(project).some(({ hook }) => hook === 'workers_ready'))
  return server
}

test('each hook runs where, when and in the order that docs/reference/hooks.md and docs/reference/signals.md say', async (t) => {
  const server = await withServer(t, `timeout: 2`)
  const { project } = server
  matches(calls(project), hookOrder.start.steps, { workers: 2 })
  matches(await traced(server, hookOrder.request.steps, () => ask(server.url)), hookOrder.request.steps)
  matches(
    await traced(server, signalTable.SIGTTIN.hooks, () => server.signal('SIGTTIN')),
    signalTable.SIGTTIN.hooks,
  )
  await server.says(/is ready after/, 3)
  matches(
    await traced(server, signalTable.SIGTTOU.hooks, () => server.signal('SIGTTOU')),
    signalTable.SIGTTOU.hooks,
  )
  const { SIGHUP } = signalTable
  const steady = SIGHUP.hooks.filter(({ runs }) => runs !== 'changed')
  matches(await traced(server, steady, () => server.signal('SIGHUP'), 2), SIGHUP.hooks, {
    workers: 2,
    changed: false,
  })
  await server.says(/reload done/)
  const victim = Number((await ask(server.url)).body)
  await server.until('the request to be traced', () => calls(project).at(-1)?.hook === 'post_request')
  const died = await traced(server, hookOrder.killed.steps, () => void killProcess(victim, 'SIGKILL'))
  matches(died, hookOrder.killed.steps)
  await server.says(/is ready after/, 6)
  // post_request does not run: the worker is killed in its request
  const beforeRequest = hookOrder.request.steps.slice(0, 1)
  const stuck = await traced(server, [...beforeRequest, ...hookOrder.timeout.steps, ...startOfWorker], () =>
    ask(server.url, '/stuck').catch(() => 0),
  )
  const within = (steps: readonly HookStep[]): Call[] =>
    stuck.filter(({ hook }) => steps.some((each) => each.hook === hook))
  for (const steps of [hookOrder.timeout.steps, startOfWorker]) matches(within(steps), steps)
  await server.says(/is ready after/, 7)
  matches(
    await traced(server, signalTable.SIGTERM.hooks, () => server.stop(), 2),
    signalTable.SIGTERM.hooks,
    { workers: 2 },
  )
  checkCalls(calls(project), server.pid)
})

/** Compares every call with its row: the process, and the kind of each argument. */
function checkCalls(found: readonly Call[], master: number): void {
  const kinds: Readonly<Record<string, readonly string[]>> = {
    server: ['server'],
    req: ['request'],
    res: ['response'],
  }
  for (const call of found) {
    const row = hookTable[call.hook]
    assert.equal(call.pid === master ? 'arbiter' : 'worker', row.process, `the process of ${call.hook}`)
    assert.equal(call.arguments.length, row.arguments.length, `the arguments of ${call.hook}`)
    row.arguments.forEach((name, index) => {
      const worker = row.process === 'arbiter' ? 'worker view' : 'worker'
      const wanted = name === 'worker' ? [worker] : kinds[name]
      if (wanted)
        assert.ok(
          wanted.includes(call.arguments[index] ?? ''),
          `${name} of ${call.hook} is a ${call.arguments[index]}`,
        )
      else assert.match(call.arguments[index] ?? '', /^(\d+|null)$/, `${name} of ${call.hook}`)
    })
  }
  const never: readonly HookName[] = ['pre_exec', 'ssl_context', 'worker_int']
  assert.deepEqual(
    hookNames.filter((name) => !found.some(({ hook }) => hook === name)).sort(),
    [...never].sort(),
  )
}

test('INT and QUIT call worker_int in each worker, and then the hooks of TERM', async (t) => {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    const server = await withServer(t)
    const found = await traced(
      server,
      signalTable[signal].hooks,
      () => {
        server.signal(signal)
        return server.exit()
      },
      2,
    )
    matches(found, signalTable[signal].hooks, { workers: 2 })
    assert.deepEqual(await server.exit(), { code: 0, signal: null })
  }
})

test('a reload that changes the number of workers calls nworkers_changed first', async (t) => {
  const server = await withServer(t)
  server.project.write('server.config.ts', tracingConfig('workers: 1'))
  const start = calls(server.project).length
  server.signal('SIGHUP')
  await server.says(/reload done/)
  const [first, second] = calls(server.project).slice(start)
  assert.deepEqual(
    [first?.hook, first?.arguments, second?.hook],
    ['nworkers_changed', ['server', '1', '2'], 'on_reload'],
  )
  await server.stop()
})

// pre_exec belongs to an upgrade, which has its own tests.
const observers = hookNames.filter((name) => !('refuses' in hookTable[name]) && name !== 'pre_exec')

test('an observer that throws or rejects is logged with its name, file and line, and the server keeps running', async (t) => {
  const failing = (hook: HookName): string =>
    observers.indexOf(hook) % 2 === 0
      ? `${hook}() { throw new Error('${hook} is broken') }`
      : `async ${hook}() { await null; throw new Error('${hook} is broken') }`
  const project = createProject(t, {
    ...app,
    'server.config.ts': `import { defineConfig } from 'tsgun'
export default defineConfig({ app: './app.js', bind: '127.0.0.1:0', timeout: 2,
${observers.map(failing).join(',\n')}
})\n`,
  })
  const server = await startServer(project)
  assert.match((await ask(server.url)).body, /^\d+$/, 'also with a pre_request that fails')
  await ask(server.url, '/stuck').catch(() => 0)
  await server.says(/died: /)
  await server.says(/is ready after/, 2)
  server.signal('SIGHUP')
  await server.says(/reload done/)
  server.signal('SIGINT')
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  for (const hook of observers) {
    const line = 3 + observers.indexOf(hook)
    assert.match(
      server.stderr,
      new RegExp(
        `the hook ${hook} failed; the (server|worker) keeps running ` +
          `.*file=${project.path('server.config.ts')}\\n +Error: ${hook} is ` +
          `broken\\n.*server\\.config\\.ts:${line}:`,
      ),
    )
  }
})

test('a hook that never ends delays nothing for longer than hook_timeout, and is logged', async (t) => {
  const waiting = observers.filter((hook) => hook !== 'worker_abort')
  const project = createProject(t, {
    ...app,
    'server.config.ts': `import { defineConfig } from 'tsgun'
const never = () => new Promise<void>(() => undefined)
export default defineConfig({ app: './app.js', bind: '127.0.0.1:0', hook_timeout: 0.05, ${waiting
      .map((hook) => `${hook}: ` + 'never')
      .join(', ')} })\n`,
  })
  const server = await startServer(project)
  assert.match((await ask(server.url)).body, /^\d+$/)
  server.signal('SIGHUP')
  await server.says(/reload done/)
  server.signal('SIGINT')
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  for (const hook of waiting)
    assert.match(server.stderr, new RegExp(`${hook} did not finish within 0\\.05 s \\(hook_timeout\\)`))
})

test('a hook that can refuse and never ends refuses after hook_timeout', async (t) => {
  const codes = { on_starting: 1, post_fork: 3, post_worker_init: 3 } as const
  for (const [hook, code] of Object.entries(codes)) {
    const project = createProject(t, {
      ...app,
      'server.config.ts':
        `export default { app: './app.js', bind: '127.0.0.1:0', hook_timeout: 0.05, ` +
        `${hook}: ` +
        '() ' +
        '=> ' +
        'new ' +
        'Promise(() => undefined) }\n',
    })
    const server = launch(project)
    assert.deepEqual(await server.exit(), { code, signal: null })
    assert.match(
      server.stderr,
      new RegExp(`the hook ${hook} of .* failed: ${hook} did not finish within 0\\.05 s`),
    )
  }
})

test('only the hooks of the table can refuse', () => {
  assert.deepEqual(
    hookNames.filter((name) => 'refuses' in hookTable[name]),
    ['on_starting', 'post_fork', 'post_worker_init', 'ssl_context'],
  )
})

/** One server for all tests about requests and hook scripts. */
let shared: RunningServer | undefined
const contexts: (() => Promise<void>)[] = []

before(async () => {
  // createProject uses nothing else
  const context = { after: (step: () => Promise<void>) => void contexts.push(step) } as unknown as TestContext
  const project = createProject(context, {
    'app.js':
      'export default (req, res) => res.end(JSON.stringify({ seen: req.seen ?? [], server: ' +
      'process.env.ATTACHED }))\n',
    'server.config.ts': `import { defineConfig } from 'tsgun'
import { setTimeout as delay } from 'node:timers/promises'
export default defineConfig({
  app: './app.js', bind: '127.0.0.1:0', hooks: ['./deploy/first.ts', './deploy/second.mjs'],
  async post_worker_init(worker) { await delay(20); process.env['ATTACHED'] = String(typeof worker.server?.on) },
  async pre_request(worker, req) { await delay(20); Object.assign(req, { seen: ['config ' + worker.nr] }) },
  post_request(worker, req, res) { console.log('done', req.method, req.url, res.statusCode, res.writableFinished) },
  on_starting() { console.log('config starts') },
})\n`,
    'deploy/first.ts': `import type { Hooks, ServerView } from 'tsgun'
enum Stage { One = 'one' }
export const on_starting = async (server: ServerView): Promise<void> => { console.log('first starts', server.listeners.length, Stage.One) }
export const pre_request: NonNullable<Hooks['pre_request']> = (_worker, req) => { (req as unknown as { seen: string[] }).seen.push('first') }
`,
    'deploy/second.mjs': `export function on_starting() { console.log('second starts') }
export async function pre_request(worker, req) { await null; req.seen.push('second') }
export function when_ready(server) { console.error('listens at', server.listeners.join()) }
`,
    'deploy/third.cjs': `exports.on_starting = () => console.log('third starts')\n`,
  })
  shared = await startServer(project, {
    arguments: [
      '--app-logfile',
      'app.log',
      '--hooks',
      './deploy/first.ts',
      '--hooks',
      './deploy/second.mjs',
      '--hooks',
      './deploy/third.cjs',
    ],
  })
})

after(async () => {
  await shared?.stop()
  for (const step of contexts) await step()
})

function running(): RunningServer {
  return shared ?? assert.fail('the server has not started')
}

test('the app waits for an async pre_request, and hook scripts run after the config in their order', async () => {
  const { body } = await ask(running().url)
  assert.deepEqual(JSON.parse(body), { seen: ['config 0', 'first', 'second'], server: 'function' })
})

test('post_request receives the request and its finished response', async () => {
  await ask(running().url, '/items?x=1', { method: 'POST', body: 'x' })
  await running().until('the line', () =>
    running().project.read('app.log').includes('done POST /items?x=1 200 true'),
  )
})

test('what hooks print in the master is in the app log, as records of the master, in the order of the scripts', () => {
  const server = running()
  const lines = server.project.read('app.log').split('\n')
  const own = lines
    .filter((line) => line.includes(`[${server.pid}] `))
    .map((line) => line.replace(/^\[[^\]]*\] /, ''))
  assert.deepEqual(own.slice(0, 5), [
    `[${server.pid}] [INFO] [master] config starts`,
    `[${server.pid}] [INFO] [master] first starts 0 one`,
    `[${server.pid}] [INFO] [master] second starts`,
    `[${server.pid}] [INFO] [master] third starts`,
    `[${server.pid}] [WARN] [master] listens at ${server.url}`,
  ])
  assert.equal(server.stdout, '')
})

test('hook scripts that are missing, broken or without hooks end the start, all reported at once with their files', async (t) => {
  const project = createProject(t, {
    ...app,
    'broken.ts': 'const =\n',
    'empty.ts': 'export const workers = 3\n',
  })
  const words = ['none.ts', 'broken.ts', 'empty.ts'].flatMap((file) => ['--hooks', file])
  const server = launch(project, { arguments: [...words, '-b', '127.0.0.1:0', './app.js'] })
  assert.deepEqual(await server.exit(), { code: 1, signal: null })
  assert.match(server.stderr, /no file .*none\.ts \(from "none\.ts"\)/)
  assert.match(server.stderr, /broken\.ts: cannot load this hook script/)
  assert.match(server.stderr, /empty\.ts: expected exported hooks/)
})

test('with capture_output false hooks in the master print to its own output', async (t) => {
  const project = createProject(t, {
    ...app,
    'server.config.ts':
      `export default { app: './app.js', bind: '127.0.0.1:0', capture_output: false, on_starting() { ` +
      `console.log('raw words') } }\n`,
  })
  const server = await startServer(project)
  await server.says(/^raw words$/m)
  await server.stop()
})

test('with the app log on standard output a hook that prints makes one record, not an endless loop', async (t) => {
  const project = createProject(t, {
    ...app,
    'server.config.ts':
      `export default { app: './app.js', bind: '127.0.0.1:0', on_starting() { console.log('once') } ` + '}\n',
  })
  const server = await startServer(project)
  await server.stop()
  assert.equal(server.stdout.match(/once/g)?.length, 1)
  assert.match(server.stdout, new RegExp(`\\[${server.pid}\\] \\[INFO\\] \\[master\\] once`))
})

test('a late error of a hook, from a timer or a promise, does not end the server', async (t) => {
  const text =
    `when_ready() { setTimeout(() => { throw new Error('of a timer') }); Promise.reject(new ` +
    `Error('of ` +
    `a promise')) }`
  const project = createProject(t, {
    'app.js': 'export default (request, response) => response.end()\n',
    'server.config.js': `export default { app: './app.js', bind: '127.0.0.1:0', ${text} }\n`,
  })
  const server = await startServer(project)
  for (const what of ['of a timer', 'of a promise'])
    await server.says(new RegExp(`uncaught error in the master.*: ${what}`))
  assert.equal((await ask(server.url)).status, 200)
  await server.stop()
})
