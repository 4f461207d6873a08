// Workers that are stuck, full, orphaned or broken, and the slots they hold.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ask, connectTo, cutOff } from '../helpers/http.ts'
import { count, routesApp } from '../helpers/routes.ts'
import { groupMembers, killProcess } from '../helpers/processes.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'

const files = (text: string): Record<string, string> => ({
  'app.js': routesApp,
  'server.config.js': `export default { app: './app.js', bind: '127.0.0.1:0', ${text} }\n`,
})

const reasonOf = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'answered',
    (error: Error) => error.message,
  )

/** The pid of the newest worker that became ready in a slot. */
function pidOf(server: RunningServer, nr: number): number {
  const found = [...server.stderr.matchAll(new RegExp(`worker ${nr} \\(pid (\\d+)\\) is ready after`, 'g'))]
  return Number(found.at(-1)?.[1])
}

test('a worker whose event loop is blocked for longer than timeout is killed and replaced; a slow asynchronous request does no harm', async (t) => {
  const project = createProject(t, files('timeout: 2'))
  const server = await startServer(project)
  const stuck = pidOf(server, 0)
  assert.equal((await ask(server.url, '/slow/4000')).body, 'slow')
  assert.equal(pidOf(server, 0), stuck, 'slow is not stuck')
  const blocked = reasonOf(ask(server.url, '/block/60000'))
  await server.says(/is ready after/, 2)
  assert.match(await blocked, cutOff)
  await server.says(new RegExp(`worker 0 \\(pid ${stuck}\\) died: it was ended by SIGKILL`))
  assert.match(
    server.stderr,
    new RegExp(
      `\\[ERROR\\] \\[master\\] worker 0 \\(pid ${stuck}\\) is aborted: its event loop was silent for \\d`,
    ),
  )
  assert.match(server.stderr, /is killed: its event loop stayed silent after the abort/)
  assert.equal((await ask(server.url)).body, String(pidOf(server, 0)))
  await server.stop()
})

test('the time in which the master itself was stopped does not count for the timeout of workers', async (t) => {
  const project = createProject(t, files('timeout: 2, workers: 2'))
  const server = await startServer(project)
  const before = server.workerPids
  server.signal('SIGSTOP')
  await delay(4000)
  server.signal('SIGCONT')
  await server.says(/the master itself was blocked for/)
  await delay(2500)
  assert.deepEqual(server.workerPids, before)
  assert.doesNotMatch(server.stderr, /aborted/)
  await server.stop()
})

test('when the master is killed no worker stays: an idle one exits at once, a busy one after its request, a stuck one by its alarm', async (t) => {
  const project = createProject(
    t,
    files('workers: 3, worker_connections: 1, timeout: 1, graceful_timeout: 3'),
  )
  const server = await startServer(project)
  const slow = ask(server.url, '/slow/400')
  server.signal('SIGSTOP') // else the master would end the stuck worker itself
  const stuck = reasonOf(ask(server.url, '/block/60000'))
  await delay(150)
  server.signal('SIGKILL')
  assert.equal((await slow).body, 'slow')
  await server.until('all but the stuck worker to go', () => groupMembers(server.pid).length <= 1)
  await server.until('the stuck worker to go', () => groupMembers(server.pid).length === 0)
  assert.match(await stuck, cutOff)
  for (const name of readdirSync(project.path('tmp')))
    rmSync(project.path(`tmp/${name}`), { recursive: true }) // no process could
})

for (const [what, code] of [
  ['JavaScript', 'for (;;);'],
  ['native code', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'],
] as const) {
  test(`a worker that is blocked in ${what} ends with its killed master, long before its timeout`, async (t) => {
    const project = createProject(t, files('timeout: 300'))
    project.write(
      'app.js',
      `export default (req, res) => { if (req.url === '/block') { console.log('blocking'); ${code} } res.end() }`,
    )
    const server = await startServer(project)
    const cut = reasonOf(ask(server.url, '/block'))
    await server.says(/blocking/)
    const killedAt = performance.now()
    server.signal('SIGKILL')
    await server.until('the worker to go', () => groupMembers(server.pid).length === 0)
    const took = performance.now() - killedAt
    assert.ok(took < 10_000, `${took} ms`) // two seconds on a machine that is not busy
    assert.match(await cut, cutOff)
    for (const name of readdirSync(project.path('tmp')))
      rmSync(project.path(`tmp/${name}`), { recursive: true })
  })
}

test('a worker whose shutdown() hangs does not outlive its killed master forever', async (t) => {
  const project = createProject(t, files('graceful_timeout: 0.1'))
  project.write(
    'app.js',
    'export const shutdown = () => new Promise(() => setInterval(() => {}, 1000))\nexport default ' +
      '(req, res) => res.end()\n',
  )
  const server = await startServer(project)
  server.signal('SIGKILL')
  await server.until('the worker to go', () => groupMembers(server.pid).length === 0)
  for (const name of readdirSync(project.path('tmp')))
    rmSync(project.path(`tmp/${name}`), { recursive: true })
})

test('a worker at worker_connections stops accepting, another takes the next connection, and it accepts again when one ends', async (t) => {
  const project = createProject(t, files('workers: 2, worker_connections: 1, keepalive: 60'))
  const server = await startServer(project)
  const pidOn = async (socket: ReturnType<typeof connectTo>): Promise<string> => {
    socket.write('GET /pid HTTP/1.1\r\nHost: test\r\n\r\n')
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    return (
      chunk
        .toString()
        .split('\r\n\r\n')[1]
        ?.replace(/^\w+\r\n|\r\n.*$/gs, '') ?? ''
    )
  }
  const first = connectTo(server.url)
  const one = await pidOn(first)
  for (let round = 0; round < 5; round += 1) {
    const second = connectTo(server.url)
    const other = await pidOn(second)
    assert.notEqual(other, one, 'the full worker took another connection')
    const third = connectTo(server.url)
    let early = false
    const late = pidOn(third).finally(() => (early = true))
    await delay(50)
    assert.equal(early, false, 'a third connection was answered although both workers are full')
    second.destroy()
    assert.equal(await late, other, 'the worker that has room again takes what waits')
    third.destroy()
  }
  first.destroy()
  await server.stop()
})

test('while a worker is full, programs that the app starts do not inherit its sockets', async (t) => {
  const project = createProject(t, files('worker_connections: 1'))
  project.write(
    'app.js',
    `import { execFile } from 'node:child_process'\nexport default (req, res) => execFile('ls', ['-l', ` +
      `'/proc/self/fd'], (error, out) => res.end(out))\n`,
  )
  const server = await startServer(project)
  assert.doesNotMatch((await ask(server.url)).body, / (?:[3-9]|\d\d+) -> socket:/)
  await server.stop()
})

test('slots are stable: a replacement takes over the number, in TSGUN_WORKER_NR too', async (t) => {
  const project = createProject(t, files('workers: 3'))
  const server = await startServer(project)
  for (const nr of [2, 0, 1]) {
    const victim = pidOf(server, nr)
    killProcess(victim, 'SIGKILL')
    await server.until(`a new worker ${nr}`, () => pidOf(server, nr) !== victim)
    const environment = execFileSync('cat', [`/proc/${pidOf(server, nr)}/environ`])
      .toString()
      .split('\0')
    assert.ok(environment.includes(`TSGUN_WORKER_NR=${nr}`))
  }
  assert.deepEqual(server.workerPids.toSorted(), [0, 1, 2].map((nr) => pidOf(server, nr)).toSorted())
  await server.stop()
})

test('a broken app is retried with growing delays while the others serve, and recovers by itself when it is fixed', async (t) => {
  const project = createProject(t, files('workers: 2'))
  const server = await startServer(project)
  project.write('app.js', `throw new Error('broken later')\n`)
  killProcess(pidOf(server, 1), 'SIGKILL')
  await server.says(/worker 1 .*next attempt in /, 3)
  const retries = [...server.stderr.matchAll(/next attempt in ([\d.]+) s/g)] // rounded to a tenth
  const waits = retries.map(([, seconds]) => Number(seconds) * 1000)
  const isOld = (waits[1] ?? 0) <= 300 // the worker had lived for a second, and so its end was no failure
  for (const [index, longest] of (isOld ? [250, 250, 500] : [250, 500, 1000]).entries()) {
    const wait = waits[index] ?? 0
    assert.ok(wait >= longest * 0.8 - 50 && wait <= longest + 50, `${wait} ms instead of up to ${longest}`)
  }
  assert.equal((await ask(server.url, '/nr')).body, '0')
  project.write('app.js', routesApp)
  await server.says(/is ready after/, 3)
  assert.equal(server.workerPids.length, 2)
  await server.stop()
})

test('a worker that exits while it boots, before its first message, is logged with the cause and retried', async (t) => {
  const project = createProject(t, files(''))
  const server = await startServer(project)
  const hold =
    `import { existsSync } from 'node:fs'\nwhile (existsSync('hold')) await new ` +
    'Promise((resolve) ' +
    '=> ' +
    'setTimeout(resolve, 20))\n'
  project.write('app.js', hold + routesApp) // however late the signal is, it reaches a worker that boots
  project.write('hold', '')
  killProcess(pidOf(server, 0), 'SIGKILL')
  await server.says(/worker 0 \(pid \d+\) starts/, 2)
  const second = Number([...server.stderr.matchAll(/\(pid (\d+)\) starts/g)].at(-1)?.[1])
  killProcess(second, 'SIGKILL')
  await server.says(
    new RegExp(`worker 0 \\(pid ${second}\\) died: it was ended by SIGKILL before it was ready`),
  )
  rmSync(project.path('hold'))
  await server.says(/is ready after/, 2)
  await server.stop()
})

test('a master that has no descriptor left for a new worker keeps running, and starts it when some are free', async (t) => {
  const project = createProject(t, files('workers: 2'))
  const server = await startServer(project)
  const limit = (soft: number | string): Buffer =>
    execFileSync('prlimit', ['--pid', String(server.pid), `--nofile=${soft}:`])
  const before = execFileSync('prlimit', [
    '--pid',
    String(server.pid),
    '--nofile',
    '-o',
    'SOFT',
    '--noheadings',
  ])
    .toString()
    .trim()
  limit(8)
  killProcess(pidOf(server, 1), 'SIGKILL')
  await server.says(
    /could not be started: no file descriptor is free in this process \(EMFILE\): raise .*ulimit -n, or LimitNOFILE=/,
  )
  assert.equal((await ask(server.url, '/nr')).body, '0')
  limit(before)
  await server.says(/is ready after/, 3)
  await server.stop()
})

test('the reason why a worker could not boot is never lost, however soon it exits', async (t) => {
  const project = createProject(t, files('workers: 4'))
  const server = await startServer(project)
  project.write('app.js', `throw new Error('broken later')\n`)
  for (let nr = 1; nr < 4; nr += 1) killProcess(pidOf(server, nr), 'SIGKILL')
  await server.says(/exited with code 3 before it was ready/, 9)
  const reasons =
    count(server.stderr, /failed to boot: .*broken later/) + count(server.stderr, /last_error=.*broken later/)
  const ended = count(server.stderr, /exited with code 3 before it was ready/)
  assert.ok(reasons >= ended, `${ended} ends, ${reasons} reasons`)
  await server.stop()
})
