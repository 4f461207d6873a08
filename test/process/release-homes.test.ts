// tsgun is installed inside of each release. After a HUP to a new release the old one is removed, with all
// files of the tsgun that the master was started from: the server goes on for as long as it lives.

import assert from 'node:assert/strict'
import { renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { Authority, install } from '../helpers/certificates.ts'
import { ask } from '../helpers/http.ts'
import { askSecurely } from '../helpers/https.ts'
import { installTsgun, setVersion } from '../helpers/installed.ts'
import { isAlive, killProcess } from '../helpers/processes.ts'
import { createProject, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

/** ES modules in TypeScript, whose compiler runs in Node's hook thread on Node 20; hooks; a log. */
const config = (number: number): string =>
  `import { defineConfig, log } from 'tsgun'
enum Number { This = ${number} }
export default defineConfig({
  app: './app.ts', chdir: import.meta.dirname, bind: '127.0.0.1:0', workers: 2, timeout: 2,
  hooks: './hooks.cts',
  when_ready() { log.info('hook of release ' + Number.This) },
})\n`

const app = (number: number): string =>
  `enum Release { Number = ${number} }
export default async (req: any, res: any) => {
  if (req.url === '/block') for (;;);
  if (req.url === '/late') return res.end((await import('./late.ts')).default)
  res.end('release ' + Release.Number)
}\n`

function addRelease(project: Project, number: number, version?: string): void {
  const directory = `releases/${number}`
  project.write(`${directory}/package.json`, '{ "type": "module" }\n')
  project.write(`${directory}/server.config.ts`, config(number))
  project.write(
    `${directory}/hooks.cts`,
    `enum Release { Number = ${number} }
import { log } from 'tsgun'
export const on_reload = () => log.info('reload hook of release ' + Release.Number)
export const worker_exit = () => console.log('exit hook of release ' + Release.Number)\n`,
  )
  project.write(`${directory}/app.ts`, app(number))
  project.write(`${directory}/late.ts`, `enum Late { A }\nexport default 'late ' + Late.A\n`)
  installTsgun(project, directory, version)
}

function switchTo(project: Project, number: number): void {
  symlinkSync(`releases/${number}`, project.path('next'))
  renameSync(project.path('next'), project.path('current'))
}

function remove(project: Project, number: number): void {
  rmSync(project.path(`releases/${number}`), { recursive: true })
}

async function start(t: TestContext, releases: readonly number[]): Promise<[Project, RunningServer]> {
  const project = createProject(t)
  rmSync(project.path('node_modules'), { recursive: true }) // its tsgun is a link to the repository
  for (const number of releases) addRelease(project, number)
  switchTo(project, 1)
  const server = await startServer(project, {
    bin: project.path('current/node_modules/tsgun/bin/tsgun.js'),
    arguments: ['-c', 'current/server.config.ts'],
  })
  assert.equal((await ask(server.url)).body, 'release 1')
  return [project, server]
}

async function reloadTo(project: Project, server: RunningServer, number: number): Promise<void> {
  const done = [...server.stderr.matchAll(/reload done/g)].length
  switchTo(project, number)
  server.signal('SIGHUP')
  await server.says(/reload done/, done + 1)
  await server.says(new RegExp(`exit hook of release ${number - 1}`), 2)
  assert.equal((await ask(server.url)).body, `release ${number}`, server.report())
}

test('releases are reloaded and removed one after another: workers, hooks, watchdog and compiler go on', async (t) => {
  const [project, server] = await start(t, [1, 2])
  await reloadTo(project, server, 2)
  remove(project, 1)
  for (const pid of server.workerPids) killProcess(pid)
  await server.says(/is ready after/, 6)
  assert.equal((await ask(server.url, '/late')).body, 'late 0')
  // The watchdog thread of the new release reports a blocked loop with its stack.
  await assert.rejects(() => ask(server.url, '/block'))
  await server.says(/is stuck in JavaScript[^]*releases\/2\/app\.ts/)
  await server.says(/is ready after/, 7)
  for (const number of [3, 4]) {
    addRelease(project, number)
    await reloadTo(project, server, number)
    await server.says(new RegExp(`reload hook of release ${number}`))
    remove(project, number - 1)
    for (const pid of server.workerPids) killProcess(pid)
    await server.until('new workers', () => server.workerPids.length === 2)
    assert.equal((await ask(server.url)).body, `release ${number}`)
  }
  // a broken config is reported with its place, for which the compiler is needed too
  project.write('releases/4/server.config.ts', 'export default {\n  app: }\n')
  server.signal('SIGHUP')
  await server.says(/reload failed, the old generation keeps serving: .*server\.config\.ts:2:8/)
  // a mistake gets its hint, whose table is loaded late
  project.write('releases/4/server.config.ts', `export default { app: './app.ts', worker: 2 }\n`)
  server.signal('SIGHUP')
  await server.says(/reload failed, the old generation keeps serving: .*did you mean "workers"\?/)
  await server.stop()
})

test('USR2 after the release of the start was removed starts the tsgun of the present release', async (t) => {
  const [project, server] = await start(t, [1, 2])
  await reloadTo(project, server, 2)
  remove(project, 1)
  addRelease(project, 3, '9.9.9')
  switchTo(project, 3)
  server.signal('SIGHUP')
  await server.says(
    /reload failed.*releases\/3\/node_modules\/tsgun is tsgun 9\.9\.9, and this master is tsgun \d.*kill -USR2 \d+/,
  )
  assert.equal((await ask(server.url)).body, 'release 2')
  server.signal('SIGUSR2')
  await server.says(/tsgun 9\.9\.9 starts/)
  await server.says(/upgrade: the new master \d+ serves beside this one/)
  server.signal('SIGTERM')
  await server.says(/upgrade done: the old master \d+ has exited/)
  const bodies = await Promise.all(Array.from({ length: 8 }, () => ask(server.url)))
  assert.deepEqual(new Set(bodies.map(({ body }) => body)), new Set(['release 3']))
  const next = Number(/upgrade: the new master (\d+) serves/.exec(server.stderr)?.[1])
  killProcess(next, 'SIGTERM')
  await server.until('the end', () => !isAlive(next))
})

test(
  'a tsgun that is replaced in place by another version starts no worker and no reload; the log has ' +
    'the remedy',
  async (t) => {
    const [project, server] = await start(t, [1])
    setVersion(project.path('releases/1/node_modules/tsgun'), '9.9.9')
    server.signal('SIGHUP')
    await server.says(/reload failed.* is tsgun 9\.9\.9, and this master is tsgun .*kill -USR2/)
    const [pid] = server.workerPids
    killProcess(pid ?? 0)
    await server.says(
      /this worker is tsgun 9\.9\.9 \(.*releases\/1\/node_modules\/tsgun\), and its master is tsgun .*kill -USR2/,
    )
    assert.equal((await ask(server.url)).body, 'release 1')
    await server.stop()
  },
)

test('a tsgun that was removed under its master is named when a worker cannot be started', async (t) => {
  const [project, server] = await start(t, [1])
  const home = project.path('releases/1/node_modules/tsgun')
  rmSync(join(home, 'dist'), { recursive: true })
  killProcess(server.workerPids[0] ?? 0)
  await server.says(/could not be started: its program .*dist\/worker\/main\.js no longer exists/)
  await server.stop()
})

/** The type of the property is written by the compiler of the project alone. */
const row = `const types: string[] = []
Object.assign(Reflect, { metadata: (_: string, type: { name: string }) => () => void types.push(type.name) })
const column = (): PropertyDecorator => () => undefined
export class Row { @column() declared!: Date }
if (!types.includes('Date')) throw new Error('no types')\n`

/** Of the config, which the master compiles. typescript is installed with tsgun: cosmiconfig may use it. */
function addDecorated(project: Project, number: number): void {
  addRelease(project, number)
  const directory = `releases/${number}`
  const compilerOptions = { experimentalDecorators: true, emitDecoratorMetadata: true }
  project.write(`${directory}/tsconfig.json`, JSON.stringify({ compilerOptions }))
  project.write(`${directory}/row.ts`, row)
  project.write(`${directory}/server.config.ts`, `import './row.ts'\n${config(number)}`)
}

test('decorator metadata is compiled after the release of the start was removed', async (t) => {
  const project = createProject(t)
  rmSync(project.path('node_modules'), { recursive: true })
  for (const number of [1, 2]) addDecorated(project, number)
  switchTo(project, 1)
  const server = await startServer(project, {
    bin: project.path('current/node_modules/tsgun/bin/tsgun.js'),
    arguments: ['-c', 'current/server.config.ts'],
  })
  assert.equal((await ask(server.url)).body, 'release 1')
  await reloadTo(project, server, 2)
  remove(project, 1)
  addDecorated(project, 3)
  await reloadTo(project, server, 3)
  await server.stop()
})

test('a release brings TLS, and certificates are renewed, after the release of the start was removed', async (t) => {
  const [project, server] = await start(t, [1, 2])
  await reloadTo(project, server, 2)
  remove(project, 1)
  const authority = new Authority(project.directory)
  const renew = (): void => install(authority.issue(), project.path('tls.pem'), project.path('tls.key'))
  renew()
  addRelease(project, 3)
  const files = `certfile: '${project.path('tls.pem')}', keyfile: '${project.path('tls.key')}', app:`
  project.write('releases/3/server.config.ts', config(3).replace('app:', files))
  switchTo(project, 3)
  server.signal('SIGHUP')
  await server.says(/reload done: generation 3/)
  const url = server.url.replace('http:', 'https:')
  assert.equal((await askSecurely(url, authority)).body, 'release 3')
  remove(project, 2)
  remove(project, 3) // the code that the workers run is loaded
  const before = (await askSecurely(url, authority)).serial
  renew()
  await server.says(/TLS: new certificates are served/)
  await eventually(
    'the new certificate',
    async () => (await askSecurely(url, authority)).serial !== before || undefined,
  )
  assert.doesNotMatch(server.stderr, /this worker keeps its certificates/)
  await server.stop()
})
