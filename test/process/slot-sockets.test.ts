// One socket for each worker slot (`unix:app.{nr}.sock`): the worker of the slot serves it, its replacement
// takes it over, and no request is lost in a reload, a recycle, a scaling, an upgrade or a stop.

import assert from 'node:assert/strict'
import { existsSync, lstatSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { ask } from '../helpers/http.ts'
import { killProcess } from '../helpers/processes.ts'
import { strictApp, StrictClient } from '../helpers/strict-client.ts'
import { createProject, launch, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'
import { reloads, upgrades } from '../helpers/zero-failures.ts'

/** Responds with the slot and the pid; `/busy` blocks the worker for a second. */
const app = `export default (req, res) => {
  const until = performance.now() + (req.url === '/busy' ? 1000 : 0)
  if (req.url === '/busy') console.log('busy')
  while (performance.now() < until);
  res.end(process.env.TSGUN_WORKER_NR + ' ' + process.pid)
}\n`

const config = (settings: string): string =>
  `export default { app: './app.js', bind: ['127.0.0.1:0', 'unix:app.{nr}.sock'], ${settings} }\n`

function projectWith(t: TestContext, settings: string, code = app): Project {
  return createProject(t, { 'app.js': code, 'server.config.js': config(settings) })
}

const urlOf = ({ project }: RunningServer, nr: number): string => `unix:${project.path(`app.${nr}.sock`)}`
const exists = ({ project }: RunningServer, nr: number): boolean => existsSync(project.path(`app.${nr}.sock`))

async function pidOf(server: RunningServer, nr: number): Promise<number> {
  const [slot, pid] = (await ask(urlOf(server, nr))).body.split(' ')
  assert.equal(slot, String(nr))
  return Number(pid)
}

test('the worker of each slot serves its own socket and those of all workers; its replacement takes it over', async (t) => {
  const server = await startServer(projectWith(t, 'workers: 2, umask: 0o117'))
  assert.deepEqual(server.listeners.slice(1), [urlOf(server, 0), urlOf(server, 1)])
  const pids = [await pidOf(server, 0), await pidOf(server, 1)]
  assert.deepEqual(server.workerPids.sort(), pids.sort())
  assert.match((await ask(server.url)).body, /^[01] \d+$/)
  const file = lstatSync(server.project.path('app.1.sock'))
  assert.equal(file.mode & 0o777, 0o660)

  const before = await pidOf(server, 1)
  killProcess(before, 'SIGKILL')
  // The connection waits in the socket for the next worker.
  const after = await pidOf(server, 1)
  assert.notEqual(after, before)
  assert.equal(lstatSync(server.project.path('app.1.sock')).ino, file.ino)
  await server.stop()
  assert.ok(!exists(server, 0) && !exists(server, 1))
})

test('no request at any slot fails in reloads, recycles, kills of replaced workers, upgrades and a stop', async (t) => {
  const settings = `workers: 2, max_requests: 400, pidfile: 'server.pid', graceful_timeout: 20`
  const server = await startServer(projectWith(t, settings, strictApp))
  const clients = [0, 1].flatMap((nr) => [
    new StrictClient(urlOf(server, nr), { connections: 2, pause: 2 }),
    new StrictClient(urlOf(server, nr), { connections: 2, pause: 2, fresh: true }),
  ])
  await reloads(server, clients, 2)
  await server.says(/is retired after \d+ requests \(max_requests\)/, 2)
  await upgrades(server, clients, 2)
  for (const client of clients) client.assertFlawless(() => server.report())
  assert.doesNotMatch(server.stderr, /cut off|died|uncaught/)
  assert.ok(!exists(server, 0) && !exists(server, 1))
})

test('TTIN opens the socket of the new slot; TTOU serves what waits there, and then the socket does not exist', async (t) => {
  const project = projectWith(t, 'workers: 1')
  project.write('server.config.js', config('workers: 1').replace('app.{nr}', 'waiting.{nr}'))
  const server = await startServer(project)
  const url = `unix:${project.path('waiting.1.sock')}`
  for (let round = 1; round <= 2; round += 1) {
    server.signal('SIGTTIN')
    await server.says(/worker 1 \(pid \d+\) is ready/, round)
    const [, pid] = (await ask(url)).body.split(' ')
    const busy = ask(url, '/busy')
    await server.says(/busy/, round)
    const waiting = [1, 2, 3].map(() => ask(url))
    await eventually('the connections in the queue', () => queued() >= 3 || undefined)
    server.signal('SIGTTOU')
    await server.says(/is retired \(scale\)/, round)
    await eventually('the end of the file', () => !existsSync(project.path('waiting.1.sock')) || undefined)
    await assert.rejects(() => ask(url), /ENOENT/)
    for (const response of await Promise.all([busy, ...waiting])) assert.equal(response.body, `1 ${pid}`)
    await server.says(/ended: scale/, round)
  }
  await server.stop()
})

/** How many clients wait to be accepted: their sockets have no inode yet (proc_net(5)). */
function queued(): number {
  const rows = readFileSync('/proc/net/unix', 'utf8').split('\n')
  return rows.filter((row) => / 0 waiting\.1\.sock$/.test(row)).length
}

test('TTOU in a crash loop refuses the clients that wait for the worker', async (t) => {
  const broken = `if (process.env.TSGUN_WORKER_NR === '1') throw new Error('no database')\n${app}`
  const server = await startServer(projectWith(t, 'workers: 1', broken))
  server.signal('SIGTTIN')
  await server.says(/worker 1 \(pid \d+\) failed to boot: .*no database/)
  const waiting = ask(urlOf(server, 1))
  const refused = assert.rejects(waiting, /ECONNRESET|EPIPE|hang up/)
  await server.says(/no database/, 2)
  server.signal('SIGTTOU')
  await refused
  await assert.rejects(() => ask(urlOf(server, 1)), /ENOENT/)
  await server.stop()
})

test('a reload opens the sockets of more workers, closes those of fewer, and moves to other paths', async (t) => {
  const server = await startServer(projectWith(t, 'workers: 2'))
  const { project } = server
  const client = new StrictClient(server.url, { connections: 2, fresh: true, path: '/', body: /./, pause: 2 })
  project.write('server.config.js', config('workers: 3'))
  server.signal('SIGHUP')
  await server.says(/reload done: generation 2/)
  for (const nr of [0, 1, 2]) await pidOf(server, nr)
  project.write('server.config.js', config('workers: 1'))
  server.signal('SIGHUP')
  await server.says(/reload done: generation 3/)
  await pidOf(server, 0)
  assert.ok(!exists(server, 1) && !exists(server, 2))
  project.write('server.config.js', config('workers: 2').replace('app.{nr}.sock', 'web-{nr}'))
  server.signal('SIGHUP')
  await server.says(/reload done: generation 4/)
  assert.ok(!exists(server, 0))
  for (const nr of [0, 1])
    assert.match((await ask(`unix:${project.path(`web-${nr}`)}`)).body, new RegExp(`^${nr} `))
  await client.stop()
  client.assertFlawless(() => server.report())
  await server.stop()
})

test('after a reload that fails each slot serves as before, also one that TTIN has added', async (t) => {
  const server = await startServer(projectWith(t, 'workers: 1'))
  const { project } = server
  server.signal('SIGTTIN')
  await server.says(/worker 1 \(pid \d+\) is ready/)
  const before = [await pidOf(server, 0), await pidOf(server, 1)]
  project.write('app.js', `throw new Error('no database')\n`)
  server.signal('SIGHUP')
  await server.says(/reload failed/)
  assert.deepEqual([await pidOf(server, 0), await pidOf(server, 1)], before)
  assert.ok(!exists(server, 2))
  await server.stop()
})

test('a slot whose socket cannot be bound is an error that says so; it is tried again', async (t) => {
  const server = await startServer(projectWith(t, 'workers: 1'))
  mkdirSync(server.project.path('app.1.sock'))
  server.signal('SIGTTIN')
  await server.says(
    /\[ERROR\].*worker 1 .*cannot listen on unix:app\.1\.sock: the file at this path is not a socket/,
  )
  rmdirSync(server.project.path('app.1.sock'))
  await server.says(/worker 1 \(pid \d+\) is ready/)
  await pidOf(server, 1)
  await server.stop()
})

test('a start is refused when one of the sockets cannot be bound, and nothing is left', async (t) => {
  const project = projectWith(t, 'workers: 3')
  mkdirSync(project.path('app.2.sock'))
  const server = launch(project)
  assert.deepEqual(await server.exit(), { code: 1, signal: null })
  assert.match(server.stderr, /cannot listen on unix:app\.2\.sock: the file at this path is not a socket/)
  assert.ok(!existsSync(project.path('app.0.sock')))
})

const wrong: readonly (readonly [bind: string, reason: RegExp])[] = [
  [`'unix:app.{pid}.sock'`, /bind: .*unknown placeholder "\{pid\}": there is only "\{nr\}"/],
  [
    `'127.0.0.1:800{nr}'`,
    /bind: .*"\{nr\}" is only for the path of a unix socket, such as "unix:\/run\/app\.\{nr\}\.sock"/,
  ],
  [
    `['unix:a.{nr}.sock', 'unix:a.0.sock']`,
    /bind: expected each address once; got "unix:a\.0\.sock", which "unix:a\.\{nr\}\.sock" includes/,
  ],
  [`'unix:/${'x'.repeat(104)}{nr}'`, /bind: .*the path of a unix socket is at most 107 bytes/],
]

for (const [bind, reason] of wrong)
  test(`--check-config refuses bind: ${bind.slice(0, 50)}`, async (t) => {
    const project = createProject(t, {
      'app.js': app,
      'server.config.js': `export default { app: './app.js', bind: ${bind} }\n`,
    })
    const checked = launch(project, { arguments: ['--check-config'] })
    assert.equal((await checked.exit()).code, 1, checked.report())
    assert.match(checked.stderr + checked.stdout, reason)
  })

test('--check-config accepts {nr}, also with one worker', async (t) => {
  const checked = launch(projectWith(t, 'workers: 1'), { arguments: ['--check-config'] })
  assert.equal((await checked.exit()).code, 0, checked.report())
  const upstream = `server unix:${checked.project.path('app.0.sock')}; keepalive 8;`
  checked.project.write('nginx.conf', `upstream a { ${upstream} }`)
  const doctor = launch(checked.project, { arguments: ['doctor'] })
  await doctor.exit()
  assert.match(doctor.stdout, /\nWRONG {4}keepalive: 2 s, but nginx /)
  assert.match(doctor.stdout, /unix:app\.0\.sock is free/)
})

test('a program that listens by itself is served on the socket of its slot', async (t) => {
  const program = `import { createServer } from 'node:http'
createServer((req, res) => res.end(process.env.TSGUN_WORKER_NR + ' ' + process.pid)).listen(3000)\n`
  const project = createProject(t, {
    'app.js': program,
    'server.config.js': `export default { app: './app.js', bind: 'unix:app.{nr}.sock', workers: 2 }\n`,
  })
  const server = await startServer(project)
  for (const nr of [0, 1]) await pidOf(server, nr)

  await server.stop()
})
