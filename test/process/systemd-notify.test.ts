// The notifications to the supervisor, and their order: a server with a NOTIFY_SOCKET of the test. The real
// systemd is in systemd.test.ts.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { ask } from '../helpers/http.ts'
import { NotifySocket } from '../helpers/notify-socket.ts'
import { routesApp } from '../helpers/routes.ts'
import { createProject, launch, startServer, type Project } from '../helpers/tsgun.ts'

const skip = process.platform === 'linux' ? false : 'systemd is there on Linux only'

function notified(t: TestContext, project: Project, name = project.path('notify')): NotifySocket {
  const socket = new NotifySocket(name)
  t.after(() => socket.close())
  return socket
}

function configOf(settings: object): string {
  return (
    'export default ' +
    `${JSON.stringify({ app: './app.js', bind: '127.0.0.1:0', workers: 2, ...settings })}\n`
  )
}

test(
  'systemd is notified that the server starts, is ready, reloads, is ready again, and stops',
  { skip },
  async (t) => {
    const project = createProject(t, { 'app.js': routesApp, 'server.config.js': configOf({}) })
    const socket = notified(t, project)
    const server = await startServer(project, { environment: { NOTIFY_SOCKET: project.path('notify') } })
    const ready = await socket.until(/READY=1/)
    assert.match(
      ready,
      /STATUS=generation 1: 2 of 2 workers ready, 0 requests in progress, 0 requests\/s, 0 answered/,
    )
    assert.match(
      socket.messages[0] ?? '',
      /STATUS=starting, generation 1: 0 of 2 .*\nEXTEND_TIMEOUT_USEC=\d+$/,
    )
    const before = process.hrtime.bigint() / 1000n
    server.signal('SIGHUP')
    await server.says(/reload done/)
    const reloading = await socket.until(/RELOADING=1/)
    const moment = BigInt(/MONOTONIC_USEC=(\d+)/.exec(reloading)?.[1] ?? 0)
    assert.ok(moment >= before && moment <= process.hrtime.bigint() / 1000n, reloading)
    await socket.until(/READY=1\nSTATUS=generation 2/)
    await server.stop()
    assert.deepEqual(socket.states, ['READY', 'RELOADING', 'READY', 'STOPPING'])
    assert.match(await socket.until(/STOPPING=1/), /STATUS=stopping, generation 2: \d+ workers left/)
  },
)

test(
  'after a reload that fails the unit is ready again, and its status has the reason',
  { skip },
  async (t) => {
    const project = createProject(t, { 'app.js': routesApp, 'server.config.js': configOf({}) })
    const socket = notified(t, project)
    const server = await startServer(project, { environment: { NOTIFY_SOCKET: project.path('notify') } })
    project.write('app.js', "throw new Error('no such database')")
    server.signal('SIGHUP')
    await server.says(/reload failed/)
    await socket.until(
      /READY=1\nSTATUS=generation 1: 2 of 2 workers ready.*the last reload failed: .*no such database/,
    )
    project.write('app.js', routesApp)
    server.signal('SIGHUP')
    await server.says(/reload done/)
    await server.stop()
    assert.deepEqual(socket.states, ['READY', 'RELOADING', 'READY', 'RELOADING', 'READY', 'STOPPING'])
    assert.doesNotMatch(socket.messages.at(-1) ?? '', /failed/)
  },
)

test('a start that fails reports its reason and never that it is ready', { skip }, async (t) => {
  const project = createProject(t, {
    'app.js': "throw new Error('no such database')",
    'server.config.js': configOf({}),
  })
  const socket = notified(t, project)
  const server = launch(project, { environment: { NOTIFY_SOCKET: project.path('notify') } })
  assert.equal((await server.exit()).code, 3)
  await socket.until(/^STATUS=the start failed: .*no such database/m)
  assert.deepEqual(socket.states, [])
})

test(
  'an abstract notify socket works, no worker gets it or the watchdog, and the watchdog is notified in time',
  { skip },
  async (t) => {
    const project = createProject(t, { 'app.js': routesApp, 'server.config.js': configOf({ workers: 1 }) })
    const name = `@tsgun-test-${process.pid}-${Date.now()}`
    const socket = notified(t, project, name)
    const environment = {
      NOTIFY_SOCKET: name,
      WATCHDOG_USEC: '2000000',
      LISTEN_PID: '1',
      LISTEN_FDS: '1',
      LISTEN_FDNAMES: 'a',
    }
    const server = await startServer(project, { environment })
    await socket.until(/READY=1/)
    for (let fed = 0; fed < 3; fed += 1) await socket.until(/^WATCHDOG=1/, socket.messages.length)
    const { body: pid } = await ask(server.url, '/pid')
    assert.doesNotMatch(readFileSync(`/proc/${pid}/environ`, 'utf8'), /NOTIFY_SOCKET|WATCHDOG_|LISTEN_/)
    await server.stop()
  },
)

test(
  'a notify socket that cannot be reached is a warning, once, and the server serves',
  { skip },
  async (t) => {
    const project = createProject(t, { 'app.js': routesApp, 'server.config.js': configOf({ workers: 1 }) })
    const server = await startServer(project, { environment: { NOTIFY_SOCKET: project.path('nobody') } })
    assert.equal((await ask(server.url)).status, 200)
    await server.stop()
    assert.equal([...server.stderr.matchAll(/cannot notify systemd \(NOTIFY_SOCKET\).*ENOENT/g)].length, 1)
  },
)
