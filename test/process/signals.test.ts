// Each signal, sent to the master, to a worker or to the whole process group, does what
// docs/reference/signals.md says and nothing else.

import assert from 'node:assert/strict'
import { existsSync, renameSync } from 'node:fs'
import { test } from 'node:test'
import { ask, cutOff } from '../helpers/http.ts'
import { count, routesApp, trace, tracingConfig } from '../helpers/routes.ts'
import { groupMembers, isAlive, killIfRunning, killProcess } from '../helpers/processes.ts'
import { createProject, launch, startServer, type RunningServer } from '../helpers/tsgun.ts'

const files = (text: string): Record<string, string> => ({
  'app.js': routesApp,
  'server.config.js': tracingConfig(text),
})

/** A request that never gets a response, once the app has it. */
async function hangingRequest(server: RunningServer): Promise<{ readonly failed: Promise<string> }> {
  const failed = ask(server.url, '/hang').then(
    () => 'answered',
    (error: Error) => error.message,
  )
  await server.says(/hanging/)
  return { failed }
}

test('TERM stops the server gracefully: exit code 0, worker_exit but no worker_int, on_exit last', async (t) => {
  const project = createProject(t, files('workers: 2'))
  const server = await startServer(project)
  server.signal('SIGTERM')
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  const end = trace(project).slice(trace(project).indexOf('on_stopping'))
  assert.deepEqual(end.toSorted(), [
    'child_exit',
    'child_exit',
    'on_exit',
    'on_stopping',
    'worker_exit',
    'worker_exit',
  ])
  assert.equal(end[0], 'on_stopping')
  assert.equal(end.at(-1), 'on_exit')
})

for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
  test(`${signal} stops at once with exit code 0: worker_int runs, and a request that is cut off has its access line`, async (t) => {
    const project = createProject(t, files(`graceful_timeout: 600, accesslog: 'access.log'`))
    const server = await startServer(project)
    const { failed } = await hangingRequest(server)
    server.signal(signal)
    assert.deepEqual(await server.exit(), { code: 0, signal: null })
    assert.match(await failed, cutOff)
    assert.ok(
      trace(project).indexOf('worker_int') < trace(project).indexOf('worker_exit'),
      trace(project).join(),
    )
    assert.equal(count(trace(project).join('\n'), /^worker_int$/m), 1)
    assert.match(project.read('access.log'), /\/hang/)
    assert.doesNotMatch(server.stderr, /killed/)
  })
}

test('INT during a graceful stop makes it quick', async (t) => {
  const project = createProject(t, files('graceful_timeout: 600'))
  const server = await startServer(project)
  const { failed } = await hangingRequest(server)
  server.signal('SIGTERM')
  await server.says(/is retired \(stop\)/)
  server.signal('SIGINT')
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  assert.match(await failed, cutOff)
  assert.ok(trace(project).includes('worker_int'))
})

test('a second INT does not wait for an on_stopping hook that hangs', async (t) => {
  const project = createProject(t, {
    'app.js': routesApp,
    'server.config.js': `export default { app: './app.js', bind: '127.0.0.1:0', hook_timeout: 600,
      on_stopping: () => { console.log('on_stopping hangs'); return new Promise(() => {}) } }`,
  })
  const server = await startServer(project)
  server.signal('SIGINT')
  await server.says(/on_stopping hangs/)
  server.signal('SIGINT')
  await server.until('the worker to go', () => server.workerPids.length === 0)
  server.signal('SIGKILL') // on_exit waits behind the hook, for up to hook_timeout
  await server.exit()
})

test('TERM again while the server stops, even in on_exit, changes neither the stop nor its exit code', async (t) => {
  const project = createProject(t, {
    'app.js': routesApp,
    'server.config.js': `import { existsSync } from 'node:fs'
      const on_exit = async () => {
        console.log('on_exit begins')
        while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 20))
      }
      export default { app: './app.js', bind: '127.0.0.1:0', pidfile: 'server.pid', hook_timeout: 600, on_exit }`,
  })
  const server = await startServer(project)
  server.signal('SIGTERM')
  server.signal('SIGTERM')
  await server.says(/on_exit begins/)
  server.signal('SIGTERM')
  server.signal('SIGINT')
  project.write('go', '')
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  assert.equal(count(server.stderr, /stopping \(/), 1, server.stderr)
})

test('TTIN adds a worker in the next slot, TTOU retires the one of the highest slot, and one worker always stays', async (t) => {
  const project = createProject(t, files('workers: 1'))
  const server = await startServer(project)
  server.signal('SIGTTIN')
  await server.says(/from 1 to 2/)
  server.signal('SIGTTIN')
  await server.says(/is ready after/, 3)
  await server.until('three workers', () => server.workerPids.length === 3)
  server.signal('SIGTTOU')
  await server.says(/worker 2 \(pid \d+\) is retired \(scale\)/)
  server.signal('SIGTTOU')
  await server.says(/worker 1 \(pid \d+\) is retired \(scale\)/)
  server.signal('SIGTTOU')
  await server.says(/got SIGTTOU, ignored: at least one worker stays/)
  await server.until('one worker', () => server.workerPids.length === 1)
  assert.equal((await ask(server.url, '/nr')).body, '0')
  assert.equal(count(trace(project).join(), /nworkers_changed/), 5)
  await server.stop()
})

test('USR1 reopens the logs: earlier lines stay in the renamed file, later ones go to the new one', async (t) => {
  const project = createProject(t, files(`accesslog: 'access.log', errorlog: 'error.log'`))
  const server = await startServer(project)
  await ask(server.url, '/before')
  await server.until('the line', () => project.read('access.log').includes('/before'))
  renameSync(project.path('access.log'), project.path('access.log.1'))
  server.signal('SIGUSR1')
  await server.until('the new file', () => existsSync(project.path('access.log')))
  await ask(server.url, '/after')
  await server.until('the line', () => project.read('access.log').includes('/after'))
  assert.ok(
    !project.read('access.log.1').includes('/after') && !project.read('access.log').includes('/before'),
  )
  await server.until('the record', () => project.read('error.log').includes('log files reopened'))
  await server.stop()
})

test('CHLD, and WINCH without a daemon, change nothing', async (t) => {
  const project = createProject(t, files('workers: 2'))
  const server = await startServer(project)
  const before = server.workerPids
  server.signal('SIGCHLD')
  server.signal('SIGWINCH')
  await server.says(/got SIGWINCH, ignored: the server is not a daemon/)
  assert.deepEqual(server.workerPids, before)
  assert.equal((await ask(server.url)).status, 200)
  assert.doesNotMatch(server.stderr, /CHLD/)
  await server.stop()
})

test('WINCH retires all workers of a daemon, and HUP starts them again', async (t) => {
  const project = createProject(
    t,
    files(
      `workers: 2, daemon: true, errorlog: 'error.log', applog: null, pidfile: 'server.pid',
       bind: ['127.0.0.1:0', 'unix:app.{nr}.sock']`,
    ),
  )
  const command = launch(project)
  assert.deepEqual(await command.exit(), { code: 0, signal: null }, command.report())
  const master = Number(project.read('server.pid'))
  project.onEnd(async () => {
    if (!isAlive(master)) return
    killProcess(-master, 'SIGKILL')
    await command.until('the daemon to go', () => groupMembers(master).length === 0)
  })
  const says = (pattern: RegExp): Promise<void> =>
    command.until(String(pattern), () => pattern.test(project.read('error.log')))
  const url = /listening at (\S+)/.exec(project.read('error.log'))?.[1] ?? ''
  assert.equal((await ask(url)).status, 200)
  killProcess(master, 'SIGWINCH')
  await says(/from 2 to 0/)
  await command.until('all workers to go', () => groupMembers(master).length === 1)
  // in the backlogs until there are workers
  const waiting = [url, `unix:${project.path('app.1.sock')}`].map((each) => ask(each))
  killProcess(master, 'SIGHUP')
  await says(/reload done: generation 2/)
  for (const { status } of await Promise.all(waiting)) assert.equal(status, 200)
  assert.equal(groupMembers(master).length, 3)
  killProcess(master, 'SIGTERM')
  await command.until('the daemon to go', () => groupMembers(master).length === 0)
  assert.ok(!existsSync(project.path('server.pid')))
})

test('a worker that gets a signal meant for the master, as from pkill, neither dies nor loses a request', async (t) => {
  const project = createProject(t, files('workers: 2'))
  const server = await startServer(project)
  const before = server.workerPids
  const slow = Promise.all(Array.from({ length: 8 }, () => ask(server.url, '/slow/800')))
  const quick = await ask(server.url)
  assert.equal(quick.status, 200)
  const handled = [
    'SIGTERM',
    'SIGINT',
    'SIGQUIT',
    'SIGHUP',
    'SIGUSR1',
    'SIGUSR2',
    'SIGTTIN',
    'SIGTTOU',
  ] as const
  for (const signal of [...handled, 'SIGWINCH', 'SIGCHLD'] as const)
    for (const pid of before) killProcess(pid, signal)
  for (const signal of handled)
    await server.says(
      new RegExp(`got ${signal} and ignores it: .*; send it to the master, pid ${server.pid}`),
      2,
    )
  for (const { status, headers } of await slow) assert.deepEqual([status, headers.connection], [200, 'close'])
  assert.deepEqual(server.workerPids, before)
  assert.doesNotMatch(server.stderr, /WINCH|CHLD|Debugger/)
  await server.stop()
})

test('Ctrl-C, which reaches the whole process group, stops the server cleanly with exit code 0', async (t) => {
  const project = createProject(t, files('workers: 3'))
  const server = await startServer(project)
  killProcess(-server.pid, 'SIGINT')
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  assert.doesNotMatch(server.stderr, /died|killed/)
  assert.equal(count(trace(project).join('\n'), /^worker_int$/m), 3)
})

test('Ctrl-C while the workers have just been spawned stops the server too, and is not a failed start', async (t) => {
  const project = createProject(t, files('workers: 2'))
  const server = launch(project)
  await server.says(/worker 1 \(pid \d+\) starts/)
  killProcess(-server.pid, 'SIGINT')
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  assert.doesNotMatch(server.stderr, /the start failed/)
})

test('a pkill that reaches a worker before it handles signals costs that worker, not the start', async (t) => {
  const project = createProject(t, files('workers: 2'))
  const server = launch(project)
  await server.says(/worker 1 \(pid \d+\) starts/)
  for (const pid of groupMembers(server.pid)) if (pid !== server.pid) killIfRunning(pid, 'SIGHUP')
  await server.says(/all 2 workers are ready/)
  server.signal('SIGTERM')
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
})
