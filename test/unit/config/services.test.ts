// The checks of the setting `services`, and the plans that are made of it.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { findServices, type ServicePlans } from '../../../src/config/services.ts'
import { resolveSettings } from '../../../src/config/sources/resolve.ts'

const beginning = {
  nodeFlags: { flags: ['--of-the-app'], nodeOptions: undefined },
  preloads: [],
  tasks: [],
  preloadFile: null,
  classFile: '/srv/class.js',
}

function projectOf(t: TestContext): string {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'tsgun-services-')))
  t.after(() => rmSync(base, { recursive: true }))
  mkdirSync(join(base, 'v1'))
  writeFileSync(join(base, 'v1', 'poller.js'), '')
  symlinkSync('v1', join(base, 'current'))
  writeFileSync(join(base, 'live.js'), '')
  return base
}

function find(
  base: string,
  services: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): Promise<ServicePlans> {
  const values = { app: './web.js', bind: '127.0.0.1:8000', services, ...more }
  const resolution = resolveSettings([{ where: 'file', values }], {})
  assert.deepEqual(resolution.problems, [])
  return findServices({
    resolution,
    beginning,
    flags: { execArgv: [], environment: {}, directory: base, base },
    context: { file: 'file', directory: base, argumentsUnclear: false },
    file: null,
    identity: { uid: undefined, gid: undefined, initgroups: undefined, account: undefined },
  })
}

async function problemsOf(
  t: TestContext,
  ...parameters: Parameters<typeof find> extends [string, ...infer Rest] ? Rest : never
): Promise<readonly string[]> {
  const { problems } = await find(projectOf(t), ...parameters)
  return problems.map(({ where, name, message }) => `${where}: ${name}: ${message}`)
}

const live = { app: './live.js', bind: '127.0.0.1:8001' }
const poller = { run: './current/poller.js' }

test('the plans have the files without symlinks, the number of processes and what they begin with', async (t) => {
  const base = projectOf(t)
  const { services, problems } = await find(base, {
    live: { ...live, workers: 2, after: ['poller'] },
    poller: { ...poller, instances: 3, critical: true },
    feed: { command: "python3 'a feed.py' -v", handover: 'start-first', stop_signal: 'SIGINT' },
  })
  assert.deepEqual(problems, [])
  const [first, second, third] = services
  assert.deepEqual(
    [first?.kind, first?.processes, first?.stopsFirst, first?.after, first?.classFile],
    ['app', 2, false, ['poller'], '/srv/class.js'],
  )
  assert.deepEqual(first?.nodeFlags.flags, ['--of-the-app'])
  assert.deepEqual(
    [second?.appFile, second?.appPath],
    [join(base, 'v1', 'poller.js'), join(base, 'current', 'poller.js')],
  )
  assert.deepEqual(
    [second?.processes, second?.stopsFirst, second?.critical, second?.classFile],
    [3, true, true, null],
  )
  assert.deepEqual([third?.command, third?.stopsFirst], [['python3', 'a feed.py', '-v'], false])
  assert.deepEqual([third?.stopSignal, third?.appFile], ['SIGINT', null])
})

test('a service is one of three kinds, and not named as the app', async (t) => {
  assert.deepEqual(await problemsOf(t, { a: {}, b: { ...live, run: './x.js' }, web: poller }), [
    'file: services.a: expected one of `app`, `run` and `command`; got none of them',
    'file: services.b: expected one of `app`, `run` and `command`; got `app` and `run`',
    'file: services.web: expected another name, because the app of the server is the service "web"',
  ])
})

test('parts that mean nothing for its kind are refused one by one', async (t) => {
  assert.deepEqual(await problemsOf(t, { a: { ...live, instances: 2, ready: { port: 1 } } }), [
    'file: services.a.instances: has no meaning with `app`',
    'file: services.a.ready: has no meaning with `app`',
  ])
  assert.deepEqual(await problemsOf(t, { a: { ...poller, bind: ':1', workers: 2, stop_signal: 'SIGINT' } }), [
    'file: services.a.bind: has no meaning with `run`',
    'file: services.a.workers: has no meaning with `run`',
    'file: services.a.stop_signal: has no meaning with `run`',
  ])
  assert.deepEqual(await problemsOf(t, { a: { command: 'true', timeout: 3 } }), [
    'file: services.a.timeout: has no meaning with `command`',
  ])
})

test('an app needs an address that no other has', async (t) => {
  assert.deepEqual(await problemsOf(t, { a: { app: './live.js' } }), [
    'file: services.a.bind: expected an address of its own, because it serves an app',
  ])
  const [one, two] = await problemsOf(t, {
    a: { ...live, bind: ['127.0.0.1:8000', '127.0.0.1:0'] },
    b: live,
    c: { ...live, bind: [live.bind, '127.0.0.1:0'] },
  })
  assert.match(one ?? '', /services\.a\.bind: .*got "127\.0\.0\.1:8000", which "web" has/)
  assert.match(two ?? '', /services\.c\.bind: .*got "127\.0\.0\.1:8001", which "b" has/)
})

test('an unknown name in `after` gets a proposal, a circle its way', async (t) => {
  assert.deepEqual(
    await problemsOf(t, { poller, a: { ...poller, after: ['poler'] }, b: { ...poller, after: ['xyz'] } }),
    [
      'file: services.a.after: expected names of services; got "poler"; did you mean "poller"?',
      'file: services.b.after: expected names of services; got "xyz"; there are "web", "poller", "a", "b"',
    ],
  )
  assert.deepEqual(
    await problemsOf(t, {
      a: { ...poller, after: ['b', 'web'] },
      b: { ...poller, after: ['a'] },
      c: { ...poller, after: ['a'] },
    }),
    [
      'file: services.a.after: expected an order without a circle; got a after b after a',
      'file: services.b.after: expected an order without a circle; got b after a after b',
    ],
  )
  assert.match((await problemsOf(t, { a: { ...poller, after: ['a'] } }))[0] ?? '', /got a after a/)
})

test('a module or an app that does not exist, and a command that cannot be split', async (t) => {
  const [app, run, command] = await problemsOf(t, {
    a: { ...live, app: './no.js' },
    b: { run: './no.js' },
    c: { command: 'feed "' },
  })
  assert.match(app ?? '', /^file: services\.a\.app: .*no\.js/)
  assert.match(run ?? '', /^file: services\.b\.run: .*no\.js/)
  assert.match(command ?? '', /^file: services\.c\.command: /)
})

test('its own settings are checked with those of the server; those of the server alone are not', async (t) => {
  const [threads] = await problemsOf(t, { live: { ...live, threads: 2 } })
  assert.match(
    threads ?? '',
    /^file: services\.live\.threads: expected `worker_class` "threads" to be set too/,
  )
  assert.deepEqual(await problemsOf(t, { live: { ...live, threads: 2 } }, { worker_class: 'threads' }), [])
  const asAsync = { live: { ...live, worker_class: 'async' } }
  assert.deepEqual(await problemsOf(t, asAsync, { worker_class: 'threads', threads: 2 }), [])
  const [flags] = await problemsOf(t, { live: { ...live, node_args: ['--no-such-flag'] } })
  assert.match(flags ?? '', /^file: services\.live\.node_args: /)
})

test('a line of output that is not read cannot make a program ready', async (t) => {
  const feed = { command: 'feed', ready: { line: 'up' } }
  assert.deepEqual(await problemsOf(t, { feed }), [])
  assert.match(
    (await problemsOf(t, { feed }, { capture_output: false }))[0] ?? '',
    /^file: services\.feed\.ready: expected `capture_output` to be true/,
  )
})

test('the port of `ready` is a port', () => {
  const problems = (port: unknown): number =>
    resolveSettings([{ where: 'f', values: { services: { a: { command: 'x', ready: { port } } } } }], {})
      .problems.length
  assert.deepEqual([80, 'localhost:80', '[::1]:80'].map(problems), [0, 0, 0])
  assert.deepEqual(
    [0, 65_536, 'localhost:99999', 'localhost', ':80'].map((port) => problems(port) > 0),
    [true, true, true, true, true],
  )
})

test('a lock is a URL of Redis, belongs to `run` with the order stop-first, and is not shown', async (t) => {
  const { services, problems } = await find(projectOf(t), {
    poller: { ...poller, lock: 'rediss://u:secret@h:1/2' },
    other: { ...poller, lock: { url: 'redis://h', key: 'shop', time: 30 } },
  })
  assert.deepEqual(problems, [])
  assert.deepEqual(
    services.map(({ lock }) => lock),
    [
      { url: 'rediss://u:secret@h:1/2', key: 'tsgun:poller', time: 15_000 },
      { url: 'redis://h', key: 'shop', time: 30_000 },
    ],
  )
  const url = 'expected a URL such as "redis://host:6379" or "rediss://host:6380"'
  assert.deepEqual(
    await problemsOf(t, {
      a: { ...poller, lock: 'http://u:secret@h' },
      b: { ...poller, lock: 'redis:' },
      c: { ...poller, lock: 'redis://h', handover: 'start-first' },
      d: { command: 'true', lock: 'redis://h' },
    }),
    [
      'file: services.d.lock: has no meaning with `command`',
      `file: services.a.lock: ${url}`,
      `file: services.b.lock: ${url}`,
      'file: services.c.lock: expected `handover` to be "stop-first", because only one process has the lock',
    ],
  )
})
