// TERM: requests in progress get their response, waiting connections are not refused, and nothing is left
// behind.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import http from 'node:http'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ask, connectTo } from '../helpers/http.ts'
import { count, routesApp } from '../helpers/routes.ts'
import { isAlive, killIfRunning, killProcess } from '../helpers/processes.ts'
import { createProject, launch, startServer } from '../helpers/tsgun.ts'

const files = (text: string): Record<string, string> => ({
  'app.js': routesApp,
  'server.config.js': `export default { app: './app.js', bind: '127.0.0.1:0', ${text} }\n`,
})

test('requests in progress are finished, all access lines are in the file, and pidfile and unix sockets are removed', async (t) => {
  const project = createProject(
    t,
    files(
      `workers: 2, bind: ['127.0.0.1:0', 'unix:server.sock'], pidfile: 'server.pid', accesslog: ` +
        `'access.log', access_log_format: '%(r)s %(s)s'`,
    ),
  )
  const server = await startServer(project)
  const tcp = Array.from({ length: 10 }, (_, number) => ask(server.url, `/slow/500/tcp-${number}`))
  const unix = Array.from({ length: 5 }, (_, number) =>
    ask(`unix:${project.path('server.sock')}`, `/slow/500/unix-${number}`),
  )
  await ask(server.url, '/first')
  // so that most are in progress; the others wait in the backlog, and must get a response as well
  await delay(100)
  server.signal('SIGTERM')
  for (const { status, headers } of await Promise.all([...tcp, ...unix]))
    assert.deepEqual([status, headers.connection], [200, 'close'])
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  assert.ok(!existsSync(project.path('server.pid')) && !existsSync(project.path('server.sock')))
  const lines = project.read('access.log').trim().split('\n')
  assert.equal(lines.length, 16)
  for (const line of lines) assert.match(line, /^GET \/\S+ HTTP\/1\.1 200$/)
})

test('TERM during a reload leaves the workers that drain already their requests', async (t) => {
  const server = await startServer(createProject(t, files('graceful_timeout: 20')))
  const slow = ask(server.url, '/slow/4000/old')
  await delay(100) // it is in progress when the reload begins
  server.signal('SIGHUP')
  await server.says(/is retired \(reload\)/)
  server.signal('SIGTERM')
  assert.equal((await slow).status, 200)
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
})

test('the next response on a kept connection has Connection: close, and an idle connection is closed', async (t) => {
  const project = createProject(t, files(`keepalive: 10`))
  const server = await startServer(project)
  const agents = Array.from({ length: 6 }, () => new http.Agent({ keepAlive: true, maxSockets: 1 }))
  t.after(() => agents.forEach((agent) => agent.destroy()))
  for (const agent of agents)
    assert.equal((await ask(server.url, '/', { agent })).headers.connection, 'keep-alive')
  server.signal('SIGTERM')
  await server.says(/is retired \(stop\)/)
  for (const [number, agent] of agents.slice(1).entries()) {
    await delay(number * 50)
    const { status, headers } = await ask(server.url, '/', { agent })
    assert.deepEqual([status, headers.connection], [200, 'close'])
  }
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  assert.doesNotMatch(server.stderr, /cut off|killed/)
})

for (const workers of [1, 2]) {
  for (const bind of ['127.0.0.1:0', 'unix:server.sock']) {
    test(`connections in the backlog of ${bind} when ${workers} busy worker(s) are stopped all get a response`, async (t) => {
      const project = createProject(t, files(`workers: ${workers}, bind: '${bind}'`))
      const server = await startServer(project)
      const url = bind.startsWith('unix:') ? `unix:${project.path('server.sock')}` : server.url
      const blocking = Array.from({ length: workers * 2 }, () => ask(url, '/block/400'))
      await delay(150) // the workers compute now, and accept nothing
      const waiting = Array.from({ length: 20 }, () => ask(url, '/'))
      await delay(50)
      server.signal('SIGTERM')
      for (const { status } of await Promise.all([...blocking, ...waiting])) assert.equal(status, 200)
      assert.deepEqual(await server.exit(), { code: 0, signal: null })
    })
  }
}

test('connections that wait because of worker_connections get a response too, as others end', async (t) => {
  const project = createProject(t, files('worker_connections: 2'))
  const server = await startServer(project)
  const waiting = Array.from({ length: 12 }, () => ask(server.url, '/slow/50'))
  await ask(server.url, '/')
  server.signal('SIGTERM')
  for (const { status } of await Promise.all(waiting)) assert.equal(status, 200)
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
})

test('a connection accepted just before the stop gets its response, even with keepalive: 0', async (t) => {
  for (let isLate = true; isLate;) {
    const project = createProject(t, files('keepalive: 0'))
    const server = await startServer(project)
    const connectedAt = performance.now()
    const socket = connectTo(server.url)
    await once(socket, 'connect')
    await ask(server.url, '/')
    server.signal('SIGTERM')
    await server.says(/is retired \(stop\)/)
    await delay(200)
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString())).on('error', () => undefined)
    const closed = once(socket, 'close')
    socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n')
    isLate = performance.now() - connectedAt > 900 // the stop does not wait for a request this late
    await closed
    if (!isLate) assert.match(answer, /^HTTP\/1\.1 200 /)
    assert.deepEqual(await server.exit(), { code: 0, signal: null })
  }
})

test('requests that exceed graceful_timeout are cut off, named in the log, and have their access lines', async (t) => {
  const project = createProject(
    t,
    files(`graceful_timeout: 2, accesslog: 'access.log', access_log_format: '%(r)s %(s)s'`),
  )
  const server = await startServer(project)
  const hanging = Promise.allSettled([
    ask(server.url, '/hang/one'),
    ask(server.url, '/hang/two'),
    ask(server.url, '/slow/200'),
  ])
  await server.says(/hanging/, 2)
  server.signal('SIGTERM')
  const outcomes = (await hanging).map(({ status }) => status)
  assert.deepEqual(outcomes, ['rejected', 'rejected', 'fulfilled'])
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  assert.match(server.stderr, /cut off 2 requests .*graceful_timeout/)
  for (const request of ['/hang/one', '/hang/two']) {
    assert.match(server.stderr, new RegExp(`GET ${request}`))
    assert.equal(count(project.read('access.log'), new RegExp(request)), 1)
  }
  assert.doesNotMatch(server.stderr, /killed/)
})

test("the app's shutdown() is awaited, and a worker whose shutdown() hangs is ended soon after graceful_timeout", async (t) => {
  for (const [text, pattern] of [
    // within the exit grace period of 2 s
    ['await new Promise((resolve) => setTimeout(resolve, 300)); console.log("shut down")', /shut down/],
    ['await new Promise((resolve) => setTimeout(resolve, 100_000))', /is killed: it did not exit in time/],
  ] as const) {
    const project = createProject(t, files('graceful_timeout: 0.2'))
    project.write(
      'app.js',
      `export async function shutdown() { ${text} }\nexport default (req, res) => res.end()\n`,
    )
    const server = await startServer(project)
    await server.stop()
    assert.match(server.report(), pattern)
  }
})

test('a stop while a slot waits for its retry does not wait for it', async (t) => {
  const project = createProject(t, files(''))
  const server = await startServer(project)
  project.write('app.js', 'throw new Error("broken later")\n')
  killProcess(server.workerPids[0] ?? 0, 'SIGKILL')
  await server.says(/next attempt in (?:0\.[89]|1|1\.\d) s/)
  await server.stop()
  const [, after = ''] = server.stderr.split('stopping (graceful)')
  assert.doesNotMatch(after, /\) starts$/m)
})

test('a stop while a worker boots does not wait for it, and a worker that waits for its pre_fork hook is never started', async (t) => {
  const booting = createProject(t, {
    ...files(''),
    'app.js': `console.log('booting'); await new Promise(() => setInterval(() => {}, 1000))\n`,
  })
  const first = launch(booting)
  await first.says(/booting/)
  first.signal('SIGTERM')
  assert.deepEqual(await first.exit(), { code: 0, signal: null })
  assert.doesNotMatch(first.stderr, /the start failed|killed/)

  const project = createProject(
    t,
    files(
      `hook_timeout: 5, pre_fork: (server, { nr }) => nr === 0 ? undefined : (console.log('pre_fork ` +
        `hangs'), new Promise(() => {}))`,
    ),
  )
  const server = await startServer(project)
  server.signal('SIGTTIN')
  await server.says(/pre_fork hangs/)
  await server.stop()
  assert.match(server.stderr, /worker 1 \(no pid\) was cancelled before its process was started/)
})

test('a child process that a worker has left behind does not keep the stopped server alive', async (t) => {
  const project = createProject(t, {
    ...files(''),
    'app.js':
      `import { spawn } from 'node:child_process'\nimport { writeFileSync } from 'node:fs'\nconst ` +
      `child = spawn('sleep', ['600'], { stdio: 'inherit', detached: true ` +
      `})\nchild.unref()\nwriteFileSync('child', String(child.pid))\nexport default (req, res) => ` +
      'res.end()\n',
  })
  const server = await startServer(project)
  const child = Number(project.read('child'))
  project.onEnd(async () => killIfRunning(child))
  await server.stop()
  assert.ok(isAlive(child), 'it did not wait for the child')
})

test('an idle server with an open connection that has never sent a request stops within moments', async (t) => {
  const project = createProject(t, files(''))
  const server = await startServer(project)
  const socket = connectTo(server.url)
  await once(socket, 'connect')
  socket.resume().on('error', () => undefined)
  await server.stop()
  assert.doesNotMatch(server.stderr, /killed|cut off/)
})
