// USR2: a new master beside the old one, the same sockets, and no failed request, whichever of the two
// stays.

import assert from 'node:assert/strict'
import { chmodSync, existsSync, readdirSync, symlinkSync, unlinkSync } from 'node:fs'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { Load } from '../helpers/load.ts'
import { count, routesApp } from '../helpers/routes.ts'
import { childrenOf, groupMembers, isAlive, killProcess } from '../helpers/processes.ts'
import {
  createProject,
  launch,
  nodeBinary,
  startServer,
  type LaunchOptions,
  type Project,
  type RunningServer,
} from '../helpers/tsgun.ts'

const config = (text = ''): string =>
  `export default { app: './app.js', bind: ['127.0.0.1:0', 'unix:web.sock'], pidfile: 'server.pid', workers: 2,
  ${text} }\n`
const files = (text = ''): Record<string, string> => ({
  'app.js': routesApp,
  'server.config.js': config(text),
})

/** The pid of the master whose worker responds. */
const parentApp = 'export default (req, res) => res.end(String(process.ppid))\n'

/** Sends USR2 to `old`; returns the pid of the new master, once it serves. */
async function upgrade(server: RunningServer, old: number): Promise<number> {
  const before = count(server.stderr, serving)
  killProcess(old, 'SIGUSR2')
  await server.says(serving, before + 1)
  return Number([...server.stderr.matchAll(new RegExp(serving, 'g'))].at(-1)?.[1])
}

const serving = /upgrade: the new master (\d+) serves beside this one/

/** Sends TERM to a master that is not the first one of the test, whose output ends with it. */
async function end(server: RunningServer, pid: number): Promise<void> {
  killProcess(pid, 'SIGTERM')
  await server.until(`the end of ${pid}`, () => !isAlive(pid))
}

async function start(project: Project, options: LaunchOptions = {}): Promise<RunningServer> {
  return startServer(project, options)
}

/** Both addresses under load, with kept and with new connections. */
function loadOn(server: RunningServer): readonly Load[] {
  return server.listeners.map((url) => new Load(url, { kept: 4, fresh: 2 }))
}

async function quiet(server: RunningServer, loads: readonly Load[]): Promise<void> {
  const marks = loads.map(({ responseCount }) => responseCount)
  await server.until('more answers', () =>
    loads.every(({ responseCount }, index) => responseCount > (marks[index] ?? 0) + 30),
  )
  for (const load of loads) await load.stop()
  for (const { failures } of loads) assert.deepEqual(failures, [], server.report())
}

test('two upgrades in a row, each completed by TERM to the old master, fail no request on TCP and unix socket', async (t) => {
  const project = createProject(t, { ...files(), 'app.js': parentApp })
  const server = await start(project)
  const loads = loadOn(server)
  const second = await upgrade(server, server.pid)
  assert.equal(project.read('server.pid'), `${server.pid}\n`)
  assert.equal(project.read('server.pid.2'), `${second}\n`)
  server.signal('SIGTERM')
  await server.says(new RegExp(`upgrade done: the old master ${server.pid} has exited`))
  assert.ok(server.hasExited || !isAlive(server.pid))
  assert.equal(project.read('server.pid'), `${second}\n`)
  assert.ok(!existsSync(project.path('server.pid.2')))
  const third = await upgrade(server, second)
  killProcess(second, 'SIGTERM')
  await server.says(new RegExp(`upgrade done: the old master ${second} has exited`))
  for (const url of server.listeners) assert.equal((await ask(url)).body, String(third))
  await quiet(server, loads)
  await end(server, third)
  assert.ok(!existsSync(project.path('web.sock')) && !existsSync(project.path('server.pid')))
  assert.deepEqual(await server.exited, { code: 0, signal: null })
})

test('TERM to the new master cancels the upgrade; the old one keeps running, and a later upgrade works', async (t) => {
  const project = createProject(t, files(`pre_exec: (server) => console.log('pre_exec in', server.pid),`))
  const server = await start(project)
  const loads = loadOn(server)
  const second = await upgrade(server, server.pid)
  await end(server, second)
  await server.says(new RegExp(`upgrade reverted: the new master ${second} has exited`))
  assert.ok(!existsSync(project.path('server.pid.2')) && existsSync(project.path('web.sock')))
  const third = await upgrade(server, server.pid)
  await end(server, third)
  await server.says(/upgrade reverted/, 2)
  await server.says(new RegExp(`pre_exec in ${server.pid}`), 2)
  await quiet(server, loads)
  await server.stop()
  assert.ok(!existsSync(project.path('web.sock')) && !existsSync(project.path('server.pid')))
})

test('USR2 during a reload is refused with the reason, and accepted when the reload is over', async (t) => {
  const held = `async post_fork(server) {
    const { existsSync } = await import('node:fs')
    while (server.generation > 1 && !existsSync('go')) await new Promise((wake) => setTimeout(wake, 20))
  },`
  const project = createProject(t, files(held))
  const server = await start(project)
  server.signal('SIGHUP')
  await server.says(/reload: loading the config/)
  server.signal('SIGUSR2')
  await server.says(/got SIGUSR2, ignored: a reload is in progress; try again when it is done/)
  project.write('go', '')
  await server.says(/reload done: generation 2 serves/)
  await end(server, await upgrade(server, server.pid))
  await server.stop()
})

test('a second USR2 while two masters run is refused by each of them with the reason', async (t) => {
  const project = createProject(t, files())
  const server = await start(project)
  const second = await upgrade(server, server.pid)
  server.signal('SIGUSR2')
  await server.says(new RegExp(`got SIGUSR2, ignored: a new master is running already \\(pid ${second}\\)`))
  killProcess(second, 'SIGUSR2')
  await server.says(new RegExp(`got SIGUSR2, ignored: .*the old one still runs \\(pid ${server.pid}\\)`))
  await end(server, second)
  await server.says(/upgrade reverted/)
  await server.stop()
})

test('a SIGKILL of the old master during an upgrade leaves the new one serving, with the pidfile', async (t) => {
  const project = createProject(t, { ...files(), 'app.js': parentApp })
  const server = await start(project)
  const second = await upgrade(server, server.pid)
  server.signal('SIGKILL')
  await server.says(new RegExp(`upgrade done: the old master ${server.pid} has exited`))
  assert.equal(project.read('server.pid'), `${second}\n`)
  await server.until('the old workers to end', () => childrenOf(second).length === 2)
  const answered = async (): Promise<boolean> => (await ask(server.url)).body === String(second)
  // an old worker drains for a moment
  while (!(await answered())) assert.ok(!server.stderr.includes('killed'), server.report())
  const third = await upgrade(server, second)
  await end(server, second)
  await server.says(new RegExp(`upgrade done: the old master ${second} has exited`))
  await end(server, third)
  assert.ok(!existsSync(project.path('web.sock')) && !existsSync(project.path('server.pid')))
})

const releases: Readonly<Record<string, readonly [config: string, app: string, reason: RegExp]>> = {
  'a wrong setting': [config('wrokers: 2'), routesApp, /upgrade failed, .*wrokers: unknown setting/],
  'an app that throws': [config(), `throw new Error('broken release')\n`, /upgrade failed, .*broken release/],
  'an app that is none': [config(), 'export default 5\n', /upgrade failed, .*app\.js/],
  'an app that ends the process': [config(), 'process.exit(0)\n', /upgrade failed, .*exited with code 0/],
  'an address in use': [
    config(`bind: 'unix:app.js'`),
    routesApp,
    /upgrade failed, .*cannot listen on unix:app\.js/,
  ],
  'a hook that refuses': [
    config(`on_starting: () => { throw new Error('not today') }`),
    routesApp,
    /upgrade failed, .*not today/,
  ],
}

test('if a new master fails to serve, the old one keeps serving and logs the reason', async (t) => {
  const project = createProject(t, files())
  const server = await start(project)
  const loads = loadOn(server)
  const before = server.workerPids
  for (const [name, [text, app, reason]] of Object.entries(releases)) {
    await t.test(name, async () => {
      project.write('server.config.js', text)
      project.write('app.js', app)
      const failed = count(server.stderr, /upgrade failed/)
      server.signal('SIGUSR2')
      await server.says(/upgrade failed, .*/, failed + 1)
      await server.until('the whole line', () => server.stderr.endsWith('\n'))
      assert.match(server.stderr.slice(server.stderr.lastIndexOf('upgrade failed')), reason)
      assert.ok(!existsSync(project.path('server.pid.2')) && existsSync(project.path('web.sock')))
    })
  }
  assert.deepEqual(server.workerPids, before)
  await quiet(server, loads)
  await server.stop()
})

test('upgrade_exec names the Node.js of the new master; one that is missing, not Node.js or too old is reported', async (t) => {
  const project = createProject(t, {
    ...files(`upgrade_exec: './node'`),
    'app.js': 'export default (req, res) => res.end(process.execPath + " " + process.argv0)\n',
    old: '#!/bin/sh\necho v18.20.1\n',
    none: '#!/bin/sh\necho hello\n',
  })
  for (const name of ['old', 'none']) chmodSync(project.path(name), 0o755)
  const server = await start(project)
  const cases: readonly (readonly [target: string | undefined, reason: RegExp])[] = [
    [undefined, /upgrade failed, .*there is no program \.\/node \(upgrade_exec\)/],
    ['old', /upgrade failed, .*node is Node\.js v18\.20\.1; tsgun needs 20\.19 or later/],
    ['none', /upgrade failed, .*it is not Node\.js: --version printed "hello/],
  ]
  for (const [target, reason] of cases) {
    if (target !== undefined) symlinkSync(target, project.path('node'))
    server.signal('SIGUSR2')
    await server.says(reason)
    if (target !== undefined) unlinkSync(project.path('node'))
  }
  symlinkSync(nodeBinary, project.path('node'))
  const second = await upgrade(server, server.pid)
  server.signal('SIGTERM')
  await server.says(/upgrade done/)
  assert.equal((await ask(server.url)).body.split(' ')[0], nodeBinary)
  await end(server, second)
})

test('with another bind the new master opens missing addresses, and the last master removes what is left', async (t) => {
  const project = createProject(t, files())
  const server = await start(project)
  project.write('server.config.js', config(`bind: ['127.0.0.1:0', 'unix:new.sock']`))
  const second = await upgrade(server, server.pid)
  for (const url of [...server.listeners, `unix:${project.path('new.sock')}`])
    assert.equal((await ask(url, '/slow/1')).status, 200)
  server.signal('SIGTERM')
  await server.says(/upgrade done/)
  for (const url of [server.url, `unix:${project.path('new.sock')}`])
    assert.equal((await ask(url, '/slow/1')).status, 200)
  await assert.rejects(ask(`unix:${project.path('web.sock')}`), /ECONNREFUSED|ENOENT/)
  await server.until('its file to go', () => !existsSync(project.path('web.sock')))
  await end(server, second)
  assert.ok(!existsSync(project.path('new.sock')))
  assert.deepEqual(readdirSync(project.path('tmp')), [])
})

test('a changed `current` symlink takes effect: directory, script and config are those of the new release', async (t) => {
  const release = (name: string): Record<string, string> => ({
    [`${name}/app.js`]: `export default (req, res) => res.end('${name} ' + process.cwd())\n`,
    [`${name}/server.config.js`]: config(`bind: '127.0.0.1:0'`),
    [`${name}/package.json`]: '{ "type": "module" }\n',
  })
  const project = createProject(t, { ...release('one'), ...release('two') })
  symlinkSync('one', project.path('current'))
  const directory = project.path('current')
  const server = await start(project, { directory, environment: { PWD: directory } })
  assert.equal((await ask(server.url)).body, `one ${project.path('one')}`)
  unlinkSync(project.path('current'))
  symlinkSync('two', project.path('current'))
  const second = await upgrade(server, server.pid)
  server.signal('SIGTERM')
  await server.says(/upgrade done/)
  assert.equal((await ask(server.url)).body, `two ${project.path('two')}`)
  await end(server, second)
})

test('a daemon is upgraded to a daemon in its own session; meanwhile the old one handles WINCH and HUP', async (t) => {
  const project = createProject(t, {
    ...files(`daemon: true, errorlog: 'error.log', applog: null,`),
    'app.js': parentApp,
  })
  const command = launch(project)
  assert.deepEqual(await command.exit(), { code: 0, signal: null }, command.report())
  const [old, url] = [Number(project.read('server.pid')), command.announcement?.listeners[0] ?? '']
  const masters = [old]
  project.onEnd(async () => {
    for (const pid of masters) if (groupMembers(pid).length > 0) killProcess(-pid, 'SIGKILL')
    await command.until('the daemons to go', () => masters.every((pid) => groupMembers(pid).length === 0))
  })
  const logged = (pattern: RegExp): Promise<void> =>
    command.until(String(pattern), () => pattern.test(project.read('error.log')))
  killProcess(old, 'SIGUSR2')
  await logged(serving)
  const second = Number(serving.exec(project.read('error.log'))?.[1])
  masters.push(second)
  assert.ok(groupMembers(second).includes(second), 'it leads a group of its own')
  killProcess(old, 'SIGWINCH')
  await command.until('the old workers to go', () => childrenOf(old).length === 1) // the new master
  assert.equal((await ask(url)).body, String(second))
  killProcess(old, 'SIGHUP')
  await logged(/reload done/)
  await command.until('the old workers to come back', () => childrenOf(old).length === 3)
  killProcess(old, 'SIGTERM')
  await logged(/upgrade done/)
  assert.equal((await ask(url)).body, String(second))
  killProcess(second, 'SIGTERM')
  await command.until('the end', () => !isAlive(second))
  assert.ok(!existsSync(project.path('server.pid')) && !existsSync(project.path('web.sock')))
})
