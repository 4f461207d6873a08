// The worker class `threads`: several event loops in one process, each watched and replaced alone.

import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import http from 'node:http'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { trial } from '../../src/worker/threads/supervisor.ts'
import { ask } from '../helpers/http.ts'
import { identityOf, noOtherUser, nobody, openToAll } from '../helpers/identity.ts'
import { Load } from '../helpers/load.ts'
import { isAlive, killProcess } from '../helpers/processes.ts'
import { recordsOf } from '../helpers/records.ts'
import { count } from '../helpers/routes.ts'
import { createProject, launch, startServer, type RunningServer } from '../helpers/tsgun.ts'
import { withoutKoffi } from '../helpers/preload.ts'
import { eventually } from '../helpers/wait.ts'

/** Responds with its process and thread; some routes do what ends or holds up a thread. */
const app = `import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { threadId } from 'node:worker_threads'
import { log } from 'tsgun'

if (existsSync('broken')) throw new Error('no weights')
async function released(): Promise<void> { while (!existsSync('released')) await delay(10) }
function spin(): void { for (;;); }
const grow = (all: unknown[] = []): void => { for (;;) all.push(new Array(1000).fill({})) }

export default async (req: { url: string }, res: { end(text: string): void }): Promise<void> => {
  if (req.url === '/wait') { console.log('waits'); await released() }
  if (req.url === '/spin') { console.log('spins'); spin() }
  if (req.url === '/native') { console.log('sleeps'); spawnSync('sh', ['-c', 'while [ ! -e released ]; do sleep 0.05; done']) }
  if (req.url === '/throw') setImmediate(() => { throw new Error('no tea') })
  if (req.url === '/exit') process.exit(7)
  if (req.url === '/grow') grow()
  if (req.url === '/log') for (let nr = 0; nr < 100; nr += 1) log.info({ long: 'x'.repeat(2000) }, 'line ' + nr)
  res.end(process.pid + ' ' + threadId)
}
`

const hooks = `
  post_fork: (server, worker) => console.log('post_fork ' + worker.nr + '.' + worker.thread),
  post_worker_init: (worker) => console.log('post_worker_init ' + worker.thread + ' ' + (worker.server !== null)),
  worker_abort: (worker) => console.log('worker_abort ' + worker.thread),
  worker_exit: (server, worker) => console.log('worker_exit ' + worker.thread + ' ' + worker.exit?.reason),`

const config = (
  more = '',
): string => `export default { app: './app.ts', bind: '127.0.0.1:0', worker_class: 'threads',
  threads: 3, accesslog: 'access.log', access_log_format: 'json', ${hooks} ...{ graceful_timeout: 10, ${more} } }\n`

function start(t: TestContext, more = '', environment: NodeJS.ProcessEnv = {}): Promise<RunningServer> {
  return startServer(createProject(t, { 'app.ts': app, 'server.config.mjs': config(more) }), { environment })
}

const fresh = { headers: { connection: 'close' } }

/** Kept connections to this number of threads: `pid threadId` and how to send requests to that thread. */
async function threadsOf(
  t: TestContext,
  server: RunningServer,
  wanted = 3,
): Promise<Map<string, http.Agent>> {
  const found = new Map<string, http.Agent>()
  await eventually(`${wanted} threads`, async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    t.after(() => agent.destroy())
    const { body } = await ask(server.url, '/', { agent })
    if (!found.has(body)) found.set(body, agent)
    return found.size === wanted ? true : undefined
  })
  return found
}

/** Two of them. */
async function pair(
  t: TestContext,
  server: RunningServer,
): Promise<{ pid: number; one: http.Agent; other: http.Agent }> {
  const [[body, one] = [], [, other] = []] = [...(await threadsOf(t, server))]
  assert.ok(one && other)
  return { pid: pidOf(body), one, other }
}

const pidOf = (body = ''): number => Number.parseInt(body, 10)

/** A request that its thread does not respond to. */
function lost(server: RunningServer, path: string, agent?: http.Agent): Promise<void> {
  return assert.rejects(ask(server.url, path, agent ? { agent } : fresh), /hang up|ECONNRESET/)
}

test('the threads of a worker serve in one process, each with its own app and hooks', async (t) => {
  const server = await start(t, 'workers: 2,')
  const threads = [...(await threadsOf(t, server, 6)).keys()]
  assert.equal(new Set(threads.map(pidOf)).size, 2)
  for (const worker of [0, 1])
    for (const thread of [0, 1, 2]) assert.match(server.stdout, new RegExp(`post_fork ${worker}\\.${thread}`))
  assert.equal(count(server.stdout, /post_worker_init \d true/), 6)
  await server.stop()
  assert.equal(count(server.stdout, /worker_exit \d stop/), 6)
})

/** How many of 30 connections, opened together, the threads have; in their order. */
async function burst(t: TestContext, server: RunningServer): Promise<readonly number[]> {
  const agents = Array.from({ length: 30 }, () => new http.Agent({ keepAlive: true }))
  t.after(() => agents.forEach((agent) => agent.destroy()))
  const bodies = await Promise.all(agents.map(async (agent) => (await ask(server.url, '/', { agent })).body))
  agents.forEach((agent) => agent.destroy())
  const sizes = [...new Set(bodies)].map((thread) => bodies.filter((body) => body === thread).length)
  return sizes.toSorted((one, other) => one - other)
}

test('connections that come together spread over the threads', async (t) => {
  const server = await start(t, 'keepalive: 60, graceful_timeout: 1,')
  const largest: number[] = []
  for (let round = 0; round < 7; round += 1) {
    const sizes = await burst(t, server)
    largest.push(sizes.length === 3 ? (sizes.at(-1) ?? 30) : 30)
  }
  // the median, because a single burst may come while all cores are busy
  assert.ok((largest.toSorted((one, other) => one - other)[3] ?? 30) <= 14, `${largest} of 30`)
  await server.stop()
})

test('a thread that is stuck in JavaScript is reported and replaced alone', async (t) => {
  const server = await start(t, 'timeout: 1, keepalive: 60,')
  const { pid, one, other } = await pair(t, server)
  const waiting = ask(server.url, '/wait', { agent: one })
  await server.says(/waits/)
  const spinning = lost(server, '/spin', other)
  await server.says(/spins/)
  await server.says(
    /ERROR.*thread \d of worker 0 \(pid \d+\) is stuck in JavaScript; .*the thread is replaced/,
  )
  await spinning
  await server.says(/thread \d of worker 0 \(pid \d+\) serves again/)
  assert.match(server.stderr, /GET \/spin age_ms=\d+ request_id=/)
  assert.match(server.stderr, /at spin \(.*app\.ts:9:\d+\)/)
  assert.match(server.stdout, /worker_abort \d/)
  server.project.write('released', '')
  const { status, body } = await waiting
  assert.equal(status, 200)
  assert.equal(pidOf(body), pid)
  const after = [...(await threadsOf(t, server)).keys()]
  assert.deepEqual([...new Set(after.map(pidOf))], [pid], 'the process is the same')
  const cut = recordsOf<{ path: string; status: number }>(server.project, 'access.log')
  assert.equal(cut.filter(({ path }) => path === '/spin').length, 1)
  assert.doesNotMatch(server.stderr, /is retired|is killed|is aborted/)
  await server.stop()
})

test('a thread that is stuck in native code is not terminated: its worker is replaced and loses no request', async (t) => {
  const server = await start(t, 'timeout: 1, keepalive: 60,')
  const { pid } = await pair(t, server)
  const load = new Load(server.url, { kept: 3, fresh: 1 })
  const sleeping = ask(server.url, '/native', fresh)
  await server.says(
    /ERROR.*thread \d of worker 0 \(pid \d+\) is stuck in native code .*the worker is replaced/,
  )
  await server.says(
    /worker 0 \(pid \d+\) is retired: one of its threads cannot be replaced alone \(threads\)/,
  )
  server.project.write('released', '') // before graceful_timeout: even this request has its response
  assert.equal(pidOf((await sleeping).body), pid)
  await server.says(/worker 0 \(pid \d+\) ended: threads, after [\d.]+ s$/m)
  await load.stop()
  assert.deepEqual(load.failures, [])
  assert.notEqual(pidOf((await ask(server.url)).body), pid)
  await server.stop()
})

test('a worker whose thread stays in native code is killed at graceful_timeout', async (t) => {
  const server = await start(t, 'timeout: 1, graceful_timeout: 1,')
  const sleeping = lost(server, '/native')
  await server.says(/worker 0 \(pid \d+\) is killed: it did not exit in time \(threads\)/)
  await sleeping
  server.project.write('released', '')
  assert.equal((await ask(server.url)).status, 200)
  await server.stop()
})

test('an uncaught error and process.exit end one thread, which is replaced', async (t) => {
  const server = await start(t, 'keepalive: 60,')
  const [[waits = '', agent] = []] = [...(await threadsOf(t, server))]
  assert.ok(agent)
  const waiting = ask(server.url, '/wait', { agent })
  await server.says(/waits/)
  const ways = [
    ['/throw', /has ended: no tea/],
    ['/exit', /has ended: process\.exit\(7\), called by the app or a library/],
  ] as const
  for (const [index, [path, how]] of ways.entries()) {
    const [, agent] = [...(await threadsOf(t, server))].find(([body]) => body !== waits) ?? []
    assert.ok(agent)
    await ask(server.url, path, { agent }).catch(() => undefined)
    await server.says(how)
    await server.says(/serves again/, index + 1)
    await delay(trial) // a replacement that ends sooner ends its worker
  }
  assert.match(server.stderr, /FATAL.*an uncaught exception ends this thread: no tea/)
  server.project.write('released', '')
  assert.equal((await waiting).body, waits)
  await threadsOf(t, server)
  await server.stop()
})

test('a full heap ends its thread, or the process where that comes too late, and says so', async (t) => {
  const server = await start(t, '', { NODE_OPTIONS: '--max-old-space-size=80' })
  await lost(server, '/grow')
  await server.says(
    /thread \d of worker 0 .*has ended: its heap is full; .*--max-old-space-size=MIB|worker 0 .*V8 is out of memory/,
  )
  await threadsOf(t, server)
  await server.stop()
})

test('a thread that cannot start again makes its worker be replaced, as soon as another one can', async (t) => {
  const server = await start(t)
  const { pid } = await pair(t, server)
  server.project.write('broken', '')
  await ask(server.url, '/throw', fresh).catch(() => undefined)
  await server.says(/thread \d of worker 0 \(pid \d+\) has ended: .*no weights/)
  await server.says(/worker 0 \(pid \d+\) failed to boot: .*no weights/)
  const others = [...(await threadsOf(t, server, 2)).keys()]
  assert.deepEqual(others.map(pidOf), [pid, pid], 'the others serve')
  rmSync(server.project.path('broken'))
  await server.says(/is retired: one of its threads cannot be replaced alone \(threads\)/)
  await threadsOf(t, server)
  await server.stop()
})

test('an app that does not start is reported once, with the exit code of a worker', async (t) => {
  const broken = createProject(t, {
    'app.ts': `throw new Error('no weights')\n`,
    'server.config.mjs': config(),
  })
  const launched = launch(broken)
  assert.equal((await launched.exit()).code, 3)
  assert.equal(count(launched.stderr, /failed to boot: .*no weights/), 1)
  const none = createProject(t, { 'app.ts': `export default 7\n`, 'server.config.mjs': config() })
  const other = launch(none)
  assert.equal((await other.exit()).code, 4)
  const check = createProject(t, { 'app.ts': app, 'server.config.mjs': config() })
  assert.equal((await launch(check, { arguments: ['--check-config'] }).exit()).code, 0)
})

test('log lines of all threads are whole', async (t) => {
  const server = await start(t, `applog: 'app.log', log_format: 'json',`)
  await Promise.all(Array.from({ length: 12 }, () => ask(server.url, '/log', fresh)))
  await server.stop()
  interface Line {
    readonly msg: string
    readonly thread?: number
    readonly long?: string
  }
  const lines = recordsOf<Line>(server.project, 'app.log').filter(({ long }) => long !== undefined)
  assert.equal(lines.length, 1200)
  assert.ok(lines.every(({ long }) => long?.length === 2000))
  assert.deepEqual([...new Set(lines.map(({ thread }) => thread))].toSorted(), [0, 1, 2])
})

test('reloads lose no request', async (t) => {
  const server = await start(t)
  const load = new Load(server.url, { kept: 3, fresh: 1 })
  for (let nr = 1; nr <= 3; nr += 1) {
    server.signal('SIGHUP')
    await server.says(/reload done/, nr)
  }
  await load.stop()
  assert.deepEqual(load.failures, [])
  await server.stop()
})

test('when the master is killed the threads finish their requests, and the process ends', async (t) => {
  const server = await start(t)
  const { pid } = await pair(t, server)
  const waiting = ask(server.url, '/wait', fresh)
  await server.says(/waits/)
  killProcess(server.pid)
  server.project.write('released', '')
  assert.equal((await waiting).status, 200)
  await eventually('the worker to end', () => !isAlive(pid) || undefined)
})

test('hooks run as the master, and then all threads as the user', { skip: noOtherUser }, async (t) => {
  const project = createProject(t, {
    'app.ts': `export default (req: unknown, res: { end(text: string): void }) => res.end('uid ' + process.getuid?.())\n`,
    'server.config.mjs': config(`user: 'nobody',`).replace(
      `console.log('post_fork '`,
      `console.log('forked as ' + process.getuid() + ' '`,
    ),
  })
  const server = await startServer(openToAll(project))
  assert.equal(count(server.stdout, /forked as 0 /), 3)
  assert.equal((await ask(server.url)).body, `uid ${nobody.uid}`)
  const [worker] = server.workerPids
  assert.ok(worker !== undefined && identityOf(worker).uids.every((uid) => uid === nobody.uid))
  await server.stop()
})

test('without koffi a start is refused with the reason', async (t) => {
  const project = createProject(t, { 'app.ts': app, 'server.config.mjs': config() })
  const launched = launch(project, { environment: { NODE_OPTIONS: withoutKoffi(project) } })
  assert.equal((await launched.exit()).code, 3)
  assert.match(launched.stderr, /failed to boot: worker_class "threads" needs koffi: .*no koffi here/)
})

test('threads without their class are refused', async (t) => {
  const project = createProject(t, { 'app.ts': app })
  const launched = launch(project, { arguments: ['--threads', '4', './app.ts'] })
  assert.equal((await launched.exit()).code, 1)
  assert.match(launched.stderr, /--threads: expected `worker_class` "threads" to be set too/)
})
