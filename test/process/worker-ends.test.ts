// Workers that disconnect, hang, or run out of descriptors: what happens to them, their connections and
// their slots.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ask, connectTo } from '../helpers/http.ts'
import { groupMembers, processorTicks } from '../helpers/processes.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'

const app = `const deeds = {
  disconnect: () => process.disconnect(),
  slowly: async () => { process.disconnect(); await new Promise((resolve) => setTimeout(resolve, 1500)) },
  deaf: () => { process.removeAllListeners('message'); process.removeAllListeners('disconnect') },
  reject: () => void Promise.reject(new TypeError('nobody awaited this')),
  exit: () => process.exit(69),
  seven: () => process.exit(7),
  pid: () => undefined,
}
if (process.env.HANDLER === 'rejection') process.on('unhandledRejection', (error) => console.log('handled:', error.message))
if (process.env.HANDLER === 'exception') process.on('uncaughtException', (error) => console.log('handled:', error.message))
export default async (req, res) => { await deeds[req.url.slice(1)]?.(); res.end(String(process.pid)) }
`

const hooks = `import { appendFileSync } from 'node:fs'
const note = (hook, { exit }) => appendFileSync('exits', JSON.stringify({ hook, ...exit }) + '\\n')
const hooks = {
  worker_int: (worker) => note('worker_int', worker),
  worker_abort: (worker) => note('worker_abort', worker),
  worker_exit: (server, worker) => note('worker_exit', worker),
  child_exit: (server, worker) => note('child_exit', worker),
}
`

function start(t: TestContext, settings = '', text = app): Promise<RunningServer> {
  const config = `${hooks}export default { app: './app.js', bind: '127.0.0.1:0', ...hooks, ${settings} }\n`
  return startServer(createProject(t, { 'app.js': text, 'server.config.js': config }))
}

/** The ends as the hooks received them. */
const exits = ({ project }: RunningServer): string[] => project.read('exits').trim().split('\n')

test('a worker whose app calls process.disconnect() finishes its requests and is replaced, and every record and hook has the reason', async (t) => {
  const server = await start(t)
  await ask(server.url, '/disconnect')
  await server.says(
    /died: it exited with code 69, after [\d.]+ m?s: its app has closed the channel to the master \(process\.disconnect\)/,
  )
  await server.says(/is ready after/, 2)
  await server.says(/\(process\.disconnect\): this worker ends/)
  const [first = ''] =
    server.stderr.match(
      /^.*the app has closed the channel to the master \(process\.disconnect\): this worker ends.*$/m,
    ) ?? []
  assert.match(first, /\[ERROR\] \[worker 0\]/)
  const answer = ask(server.url, '/slowly')
  await server.says(/ready after/, 3) // before the request is done
  assert.equal((await answer).status, 200)
  await server.says(/died: .*its app has closed the channel/, 2)
  await server.stop()
  assert.deepEqual(exits(server).slice(0, 2), [
    '{"hook":"worker_exit","reason":"disconnected","code":69}',
    '{"hook":"child_exit","reason":"disconnected","code":69,"signal":null,"ended_by":"itself","stderr":[]}',
  ])
  assert.deepEqual(exits(server).slice(-2), [
    '{"hook":"worker_exit","reason":"stop","code":0}',
    '{"hook":"child_exit","reason":"stop","code":0,"signal":null,"ended_by":"tsgun","stderr":[]}',
  ])
})

test('an exit code of the app is not taken for what Node.js or tsgun mean by it', async (t) => {
  const server = await start(t)
  await ask(server.url, '/exit').catch(() => undefined) // it has no response
  await server.says(/died: it exited with code 69, after [\d.]+ m?s$/m)
  await server.says(/is ready after/, 2)
  await ask(server.url, '/seven').catch(() => undefined)
  await server.says(
    /died: it exited with code 7, after [\d.]+ m?s: a handler of uncaughtException that threw, or process\.exit\(7\)$/m,
  )
  await server.says(/is ready after/, 3)
  await server.stop()
})

test('hooks receive why a worker ends in a quick stop', async (t) => {
  const server = await start(t)
  server.signal('SIGINT')
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  assert.deepEqual(exits(server), [
    '{"hook":"worker_int","reason":"quit","code":0}',
    '{"hook":"worker_exit","reason":"quit","code":0}',
    '{"hook":"child_exit","reason":"quit","code":0,"signal":null,"ended_by":"tsgun","stderr":[]}',
  ])
})

test('a worker that no longer reads its channel keeps serving, is killed after its grace period, and does not outlive its master', async (t) => {
  const server = await start(t, 'graceful_timeout: 0.2')
  await ask(server.url, '/deaf')
  assert.equal((await ask(server.url)).status, 200)
  server.signal('SIGTERM')
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  assert.match(server.stderr, /was ended by SIGKILL: tsgun killed it: it did not exit in time \(stop\)/)
  const other = await start(t, 'graceful_timeout: 0.2')
  await ask(other.url, '/deaf')
  other.signal('SIGKILL')
  await other.until('the worker to go', () => groupMembers(other.pid).length === 0)
  execFileSync('sh', ['-c', 'rm -rf tmp/*'], { cwd: other.project.directory })
})

for (const [what, settings, logged] of [
  [
    '--unhandled-rejections=warn',
    `env: { NODE_OPTIONS: '--unhandled-rejections=warn' }`,
    /UnhandledPromiseRejectionWarning: TypeError: nobody awaited this/,
  ],
  ['--unhandled-rejections=none', `env: { NODE_OPTIONS: '--unhandled-rejections=none' }`, undefined],
  ['a handler of unhandledRejection', `env: { HANDLER: 'rejection' }`, /handled: nobody awaited this/],
  [
    'a handler of uncaughtException',
    `env: { HANDLER: 'exception' }`,
    /an unhandled rejection is left to the app's own handler: nobody awaited this/,
  ],
] as const)
  test(`with ${what} an unhandled rejection does what Node.js does: the worker lives`, async (t) => {
    const server = await start(t, settings)
    const { body: pid } = await ask(server.url, '/reject')
    if (logged) await server.says(logged)
    await delay(100)
    assert.equal((await ask(server.url)).body, pid)
    await server.stop()
    assert.doesNotMatch(server.stderr, /died/)
  })

test('with --unhandled-rejections=strict an unhandled rejection is an uncaught exception: logged with its stack, and the worker is replaced', async (t) => {
  const server = await start(t, `env: { NODE_OPTIONS: '--unhandled-rejections=strict' }`)
  await ask(server.url, '/reject').catch(() => undefined)
  await server.says(/\[FATAL\] \[worker 0\] an unhandled rejection ends this worker: nobody awaited this/)
  await server.says(/died: it exited with code 1, /)
  await server.says(/is ready after/, 2)
  await server.stop()
})

test('a worker whose descriptors run out logs that once, lets new connections wait, serves the open ones, and does not spin', async (t) => {
  const server = await start(t, 'keepalive: 60')
  const [pid = 0] = server.workerPids
  execFileSync('prlimit', ['--pid', String(pid), '--nofile=80:'])
  const sockets = Array.from({ length: 100 }, () => connectTo(server.url))
  const closed: unknown[] = []
  for (const socket of sockets)
    socket.on('error', (error) => closed.push(error)).on('close', () => closed.push('closed'))
  t.after(() => sockets.forEach((socket) => socket.destroy()))
  await server.says(
    /\[ERROR\] \[worker 0\] this worker accepts no more connections for now: no file descriptor is free in this process \(EMFILE\): raise .*ulimit -n/,
  )
  const used = processorTicks(pid)
  await delay(1000)
  assert.ok(processorTicks(pid) - used < 50, 'it spins')
  const [first] = sockets
  first?.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n')
  const [chunk] = first ? ((await once(first, 'data')) as [Buffer]) : []
  assert.match(String(chunk), /^HTTP\/1\.1 200/)
  assert.deepEqual(closed, [], 'no connection is closed for want of descriptors')
  const last = sockets.at(-1)
  last?.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n')
  for (const socket of sockets.slice(0, 80)) socket.destroy()
  const [late] = last ? ((await once(last, 'data')) as [Buffer]) : []
  assert.match(String(late), /^HTTP\/1\.1 200/, 'it accepts again when there are some')
  assert.equal(server.stderr.match(/accepts no more connections for now/g)?.length, 1)
  for (const socket of sockets) socket.destroy()
  await server.stop()
})
