// systemd's socket activation (LISTEN_FDS): which sockets are served, under which names, and that the server
// leaves them to systemd.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { bindTcp, bindUnix } from '../../src/os/system/handles.ts'
import { loadNative } from '../../src/os/system/native.ts'
import { ask } from '../helpers/http.ts'
import { count } from '../helpers/routes.ts'
import { isAlive, killProcess } from '../helpers/processes.ts'
import {
  createProject,
  launch,
  repository,
  startServer,
  type LaunchOptions,
  type Project,
} from '../helpers/tsgun.ts'

/** Responds with the names of the variables that no worker should see. */
const app =
  `export default (req, res) => res.end('left:' + Object.keys(process.env).filter((name) => ` +
  '/^LISTEN|UPGRADE/.test(name)))\n'

/**
 * Starts the server as systemd does: the sockets from descriptor 3 on, and the server's own pid in
 * LISTEN_PID, which needs an exec.
 */
const starter = `const { spawn } = require('node:child_process')
const words = ['-c', 'export LISTEN_PID=$$; exec "$0" "$@"', process.execPath, process.env.BIN, ...process.argv.slice(2)]
const child = spawn('/bin/sh', words, { stdio: [0, 1, 2, 4, 5, 3], env: { ...process.env, TSGUN_READY_FD: '5' } })
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code) => process.exit(code ?? 1))
`

interface Activation {
  readonly project: Project
  readonly tcp: string
  readonly unix: string
  readonly options: (words: readonly string[], environment?: NodeJS.ProcessEnv) => LaunchOptions
}

/** A TCP socket and a unix socket that the test has opened and holds. */
function activation(t: TestContext, file = 'systemd.sock'): Activation {
  const native = loadNative()
  assert.ok(!(native instanceof Error))
  const project = createProject(t, { 'app.js': app, 'starter.cjs': starter })
  const path = project.path(file)
  const handles = [
    bindTcp({ host: '127.0.0.1', port: 0, family: 4, onlyItsFamily: false }),
    bindUnix(path, native),
  ]
  for (const { fd } of handles) native.listen(fd, 64)
  t.after(() => {
    for (const handle of handles) handle.close()
  })
  const BIN = join(repository, 'bin/tsgun.js')
  return {
    project,
    tcp: `http://127.0.0.1:${handles[0]?.name.port ?? 0}`,
    unix: `unix:${path}`,
    options: (words, environment = {}) => ({
      bin: project.path('starter.cjs'),
      arguments: [...words, './app.js'],
      inherit: handles.map(({ fd }) => fd),
      environment: { BIN, LISTEN_FDS: '2', LISTEN_FDNAMES: 'web:local', ...environment },
    }),
  }
}

test('without bind all sockets of systemd are served, workers do not see its variables, and a stop leaves the sockets open', async (t) => {
  const { project, tcp, unix, options } = activation(t)
  for (const round of [1, 2]) {
    const waiting = ask(tcp) // waits in the queue until the server accepts
    const server = await startServer(project, options([]))
    assert.deepEqual(server.listeners, [tcp, unix], `round ${round}`)
    assert.equal((await waiting).body, 'left:')
    assert.equal((await ask(unix)).body, 'left:')
    assert.doesNotMatch(server.stderr, /WARN/)
    await server.stop()
    assert.ok(existsSync(unix.slice('unix:'.length)))
  }
})

test('bind can name sockets of systemd by address, number or name, beside other addresses; unused sockets are logged', async (t) => {
  const { project, tcp, unix, options } = activation(t)
  const cases: readonly (readonly [
    words: readonly string[],
    served: readonly string[],
    unused: string | undefined,
  ])[] = [
    [['-b', tcp.slice('http://'.length), '-b', unix], [tcp, unix], undefined],
    [['-b', 'fd://4'], [unix], tcp],
    [['-b', 'fd://web', '-b', 'unix:own.sock'], [tcp, `unix:${project.path('own.sock')}`], unix],
  ]
  for (const [words, served, unused] of cases) {
    const server = await startServer(project, options(words))
    assert.deepEqual(server.listeners, served)
    for (const url of served) assert.equal((await ask(url)).status, 200)
    assert.equal(count(server.stderr, /WARN/), unused === undefined ? 0 : 1, server.stderr)
    if (unused !== undefined)
      assert.ok(server.stderr.includes(`no worker serves ${unused}, which systemd has opened`))
    await server.stop()
    assert.ok(!existsSync(project.path('own.sock')) && existsSync(unix.slice('unix:'.length)))
  }
})

test('a socket of systemd can be that of a slot; the master opens those of the others', async (t) => {
  const { project, tcp, unix, options } = activation(t, 'app.0.sock')
  const server = await startServer(
    project,
    options(['-b', 'unix:app.{nr}.sock', '-b', 'fd://web', '-w', '2']),
  )
  assert.deepEqual(server.listeners, [tcp, unix, `unix:${project.path('app.1.sock')}`])
  for (const url of server.listeners) assert.equal((await ask(url)).status, 200)
  assert.doesNotMatch(server.stderr, /WARN/)
  await server.stop()
  assert.ok(existsSync(project.path('app.0.sock')) && !existsSync(project.path('app.1.sock')))
})

test('if bind names none of the sockets of systemd, they are served instead, with one warning that names both', async (t) => {
  const { project, tcp, unix, options } = activation(t)
  const server = await startServer(project, options(['-b', '127.0.0.1:1']))
  assert.deepEqual(server.listeners, [tcp, unix])
  assert.ok(server.stderr.includes(`\`bind\` (127.0.0.1:1) names none of the sockets`), server.stderr)
  assert.ok(server.stderr.includes(`served instead: ${tcp}, ${unix}`))
  assert.equal(count(server.stderr, /WARN/), 1)
  await server.stop()
})

test('a socket of systemd can be that of a service; the others never serve a service', async (t) => {
  const { project, tcp, unix, options } = activation(t)
  project.write('live.js', 'export default (req, res) => res.end(process.env.TSGUN_SERVICE)\n')
  const config = (bind: string, live: string): string =>
    `export default { bind: '${bind}', services: { live: { app: './live.js', bind: '${live}' } } }\n`
  const cases: readonly (readonly [bind: string, live: string, server: readonly string[]])[] = [
    [tcp.slice('http://'.length), 'unix:live.sock', [tcp, `unix:${project.path('live.sock')}`]],
    ['unix:own.sock', unix, [`unix:${project.path('own.sock')}`, unix]],
  ]
  for (const [bind, live, [ofApp = '', ofService = '']] of cases) {
    project.write('server.config.js', config(bind, live))
    const server = await startServer(project, options([], { LISTEN_FDS: live === unix ? '2' : '1' }))
    assert.equal((await ask(ofService)).body, 'live')
    assert.equal((await ask(live === unix ? tcp : ofApp)).body, 'left:')
    assert.deepEqual(server.listeners, [live === unix ? tcp : ofApp, ofService])
    await server.stop()
  }
})

test('a socket that cannot be served ends the start with the reason', async (t) => {
  const { project, options } = activation(t)
  const cases: readonly (readonly [
    words: readonly string[],
    environment: NodeJS.ProcessEnv,
    reason: RegExp,
  ])[] = [
    [[], { LISTEN_FDS: 'two' }, /LISTEN_FDS: expected the number of sockets; got "two"/],
    [
      [],
      { LISTEN_FDS: '3' },
      /cannot listen on fd:\/\/5: the descriptor is not a socket|fd:\/\/5: it is not a socket that can listen/,
    ],
    [
      ['-b', 'fd://web', '-b', 'fd://admin'],
      {},
      /cannot listen on fd:\/\/admin: .*with this name .* but "web", "local"/,
    ],
  ]
  for (const [words, environment, reason] of cases) {
    const server = launch(project, options(words, environment))
    assert.deepEqual(await server.exit(), { code: 1, signal: null }, server.report())
    assert.match(server.stderr, reason)
  }
})

test('an upgrade passes on the sockets of systemd, also those that the current config does not name', async (t) => {
  const { project, tcp, unix, options } = activation(t)
  project.write('server.config.js', `export default { app: './app.js', bind: 'fd://local' }\n`)
  const server = await startServer(project, options([]))
  const old = server.announcement?.pid ?? 0
  project.write('server.config.js', `export default { app: './app.js', bind: ['fd://web', 'fd://local'] }\n`)
  killProcess(old, 'SIGUSR2')
  await server.says(/the new master \d+ serves beside/)
  const second = Number(/the new master (\d+) serves/.exec(server.stderr)?.[1])
  killProcess(old, 'SIGTERM')
  await server.says(/upgrade done/)
  for (const url of [tcp, unix]) assert.equal((await ask(url)).body, 'left:')
  killProcess(second, 'SIGTERM')
  await server.until('its end', () => !isAlive(second))
  assert.ok(existsSync(unix.slice('unix:'.length)))
})
