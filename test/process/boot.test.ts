// What an operator sees of a start that succeeds, and of each that fails.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { killProcess } from '../helpers/processes.ts'
import { createProject, launch, startServer } from '../helpers/tsgun.ts'

const hello = {
  'app.js': 'export default (req, res) => res.end(`hello from ${process.env.TSGUN_WORKER_NR}\\n`)\n',
}
const config = (text: string): Record<string, string> => ({
  'server.config.ts':
    `import { defineConfig } from 'tsgun'\nexport default defineConfig({ app: ` +
    `'./app.js', ` +
    'bind: ' +
    `'127.0.0.1:0', ${text} })\n`,
})

test('a server started from server.config.ts serves with its workers and logs its start', async (t) => {
  const project = createProject(t, { ...hello, ...config(`workers: 2, accesslog: 'access.log'`) })
  const server = await startServer(project)
  assert.equal(server.workerPids.length, 2)
  assert.match((await ask(server.url)).body, /^hello from [01]\n$/)
  const version = (
    JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
  ).version
  assert.ok(server.stderr.includes(`tsgun ${version}`), server.stderr)
  assert.ok(server.stderr.includes(`listening at ${server.url}`), 'the address with the port that was chosen')
  assert.ok(server.stderr.includes(String(server.pid)), 'the pid')
  assert.match(server.stderr, /2 workers of class async/)
  assert.ok(server.stderr.includes(project.path('server.config.ts')), 'the config file')
  assert.ok(server.stderr.includes(project.path('access.log')), 'the log files')
  await server.stop()
})

test('an app that throws at load ends the start with exit code 3 and its error once, at its TypeScript line, even if several workers fail', async (t) => {
  const project = createProject(t, {
    'app.ts':
      'interface A { a: string }\n\nconst broken: A | undefined = undefined as A | undefined\nif ' +
      `(!broken) throw new Error('no database here')\nexport default {}\n`,
  })
  const server = launch(project, {
    arguments: ['-w', '4', '-b', '127.0.0.1:0', '-p', 'server.pid', './app.ts'],
  })
  assert.deepEqual(await server.exit(), { code: 3, signal: null })
  assert.equal(server.stderr.match(/failed to boot: .*no database here/g)?.length, 1, server.stderr)
  assert.ok(server.stderr.includes(`${project.path('app.ts')}:4:`), server.stderr)
  assert.ok(!existsSync(project.path('server.pid')), 'the pidfile is removed')
})

test('a module without an app ends the start with exit code 4 and lists its exports', async (t) => {
  const project = createProject(t, { 'app.js': 'export const application = 5\nexport const version = "1"\n' })
  const server = launch(project, { arguments: ['-b', '127.0.0.1:0', './app.js:application'] })
  assert.deepEqual(await server.exit(), { code: 4, signal: null })
  assert.match(server.stderr, /application/)
  assert.match(server.stderr, /version/)
})

test('an app that calls process.exit at load ends the start with exit code 3', async (t) => {
  const project = createProject(t, { 'app.js': 'process.exit(0)\n' })
  const server = launch(project, { arguments: ['-w', '2', '-b', '127.0.0.1:0', './app.js'] })
  assert.deepEqual(await server.exit(), { code: 3, signal: null })
  assert.match(server.stderr, /did not become ready: it exited with code 0/)
})

test('an app that hangs at load ends the start with exit code 3 after boot_timeout', async (t) => {
  const project = createProject(t, { 'app.js': 'await new Promise(() => setInterval(() => {}, 1000))\n' })
  const server = launch(project, { arguments: ['-b', '127.0.0.1:0', '--boot-timeout', '0.5', './app.js'] })
  assert.deepEqual(await server.exit(), { code: 3, signal: null })
  assert.match(server.stderr, /not ready within boot_timeout/)
})

test('an address in use is retried a few times, then ends the start with exit code 1 and leaves nothing behind', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.after(() => other.close())
  const { port } = other.address() as AddressInfo
  const project = createProject(t, hello)
  const server = launch(project, {
    arguments: ['-b', 'unix:first.sock', '-b', `127.0.0.1:${port}`, '-p', 'server.pid', './app.js'],
  })
  assert.deepEqual(await server.exit(), { code: 1, signal: null })
  assert.ok((server.stderr.match(/is in use/g)?.length ?? 0) >= 4, server.stderr)
  assert.ok(
    server.stderr.includes(`cannot listen on 127.0.0.1:${port}: it is in use by another process`),
    server.stderr,
  )
  assert.ok(!existsSync(project.path('first.sock')) && !existsSync(project.path('server.pid')))
})

test('a second master with the same pidfile is refused, and the first keeps running', async (t) => {
  const project = createProject(t, { ...hello, ...config(`pidfile: 'server.pid'`) })
  const first = await startServer(project)
  assert.equal(project.read('server.pid'), `${first.pid}\n`)
  const second = launch(project)
  assert.deepEqual(await second.exit(), { code: 1, signal: null })
  assert.ok(second.stderr.includes(`process ${first.pid}`), second.stderr)
  assert.equal(project.read('server.pid'), `${first.pid}\n`)
  assert.equal((await ask(first.url)).status, 200)
  await first.stop()
  assert.ok(!existsSync(project.path('server.pid')))
})

test('a pidfile of a process that no longer exists is replaced, and one that another process took over is kept', async (t) => {
  const project = createProject(t, { ...hello, ...config(`pidfile: 'server.pid'`) })
  project.write('server.pid', '4194303\n')
  const server = await startServer(project)
  assert.equal(project.read('server.pid'), `${server.pid}\n`)
  project.write('server.pid', '1\n')
  await server.stop()
  assert.match(server.stderr, /is not removed: it no longer holds this master's id/)
  assert.equal(project.read('server.pid'), '1\n')
})

test('a pidfile whose number now belongs to another program, or to the master of another server, is replaced', async (t) => {
  const other = await startServer(createProject(t, { ...hello, ...config(`pidfile: 'server.pid'`) }))
  for (const pid of [process.pid, 1, other.pid]) {
    const project = createProject(t, { ...hello, ...config(`pidfile: 'server.pid'`) })
    project.write('server.pid', `${pid}\n`)
    const server = await startServer(project)
    assert.equal(project.read('server.pid'), `${server.pid}\n`)
    const second = launch(project)
    assert.deepEqual(await second.exit(), { code: 1, signal: null })
    assert.ok(second.stderr.includes(`process ${server.pid}; stop it first`), second.stderr)
    await server.stop()
    assert.ok(!existsSync(project.path('server.pid')))
  }
  await other.stop()
})

test('of several masters that start at once with a stale pidfile exactly one serves', async (t) => {
  const project = createProject(t, { ...hello, ...config(`pidfile: 'server.pid'`) })
  project.write('server.pid', `${process.pid}\n`)
  const masters = [launch(project), launch(project), launch(project)]
  const isSettled = (master: (typeof masters)[number]): boolean =>
    master.hasExited || master.announcement !== undefined
  for (const master of masters) await master.until('the start or its refusal', () => isSettled(master))
  const serving = masters.filter((master) => !master.hasExited)
  assert.deepEqual(
    serving.map(({ pid }) => `${pid}\n`),
    [project.read('server.pid')],
  )
  for (const refused of masters.filter((master) => master.hasExited))
    assert.match(refused.stderr, /a server is already running with the pidfile/)
  serving[0]?.signal('SIGTERM')
  assert.deepEqual(await serving[0]?.exit(), { code: 0, signal: null })
})

test('a log that cannot be opened ends the start with exit code 1 before anything is bound', async (t) => {
  const project = createProject(t, { ...hello, ...config(`errorlog: 'logs'`) })
  mkdirSync(project.path('logs'))
  const server = launch(project)
  assert.deepEqual(await server.exit(), { code: 1, signal: null })
  assert.match(server.stderr, /errorlog: cannot open .*logs/)
  assert.doesNotMatch(server.stderr, /listening/)
})

test('PORT and WEB_CONCURRENCY are applied', async (t) => {
  const project = createProject(t, hello)
  const server = await startServer(project, {
    arguments: ['./app.js'],
    environment: { PORT: '0', WEB_CONCURRENCY: '3' },
  })
  assert.match(server.url, /^http:\/\/0\.0\.0\.0:\d+$/)
  assert.equal(server.workerPids.length, 3)
  await server.stop()
})

test('on_starting can refuse the start: exit code 1, its reason, and nothing is bound', async (t) => {
  const project = createProject(t, {
    ...hello,
    ...config(`on_starting() { throw new Error('the license has expired') }`),
  })
  const server = launch(project)
  assert.deepEqual(await server.exit(), { code: 1, signal: null })
  assert.match(server.stderr, /hook on_starting of .*server\.config\.ts failed: the license has expired/)
  assert.doesNotMatch(server.stderr, /listening/)
})

test('post_fork and post_worker_init can refuse their worker, which ends the start with exit code 3', async (t) => {
  for (const hook of ['post_fork', 'post_worker_init']) {
    const project = createProject(t, {
      ...hello,
      ...config(`${hook}() { throw new Error('no GPU for this worker') }`),
    })
    const server = launch(project)
    assert.deepEqual(await server.exit(), { code: 3, signal: null })
    assert.match(server.stderr, new RegExp(`hook ${hook} of .* failed: no GPU for this worker`))
  }
})

test('TERM during the start stops the server', async (t) => {
  const project = createProject(t, {
    'app.js': `console.log('loading'); await new Promise(() => setInterval(() => {}, 1000))\n`,
  })
  const server = launch(project, { arguments: ['-b', '127.0.0.1:0', './app.js'] })
  await server.says(/loading/)
  server.signal('SIGTERM')
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
})

test('TERM while the config is loaded stops the command, which leaves no temporary file', async (t) => {
  const text = `console.log('loading'); await new Promise(() => setInterval(() => {}, 1000)); export default {}`
  const project = createProject(t, { ...hello, 'server.config.ts': text })
  const server = launch(project)
  await server.says(/loading/)
  server.signal('SIGTERM')
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  assert.deepEqual(readdirSync(project.path('tmp')), [])
})

test('a worker that is killed later is replaced in its slot, and the log reports its exit', async (t) => {
  const project = createProject(t, { ...hello, ...config('workers: 2') })
  const server = await startServer(project)
  const [victim = 0] = server.workerPids
  killProcess(victim, 'SIGKILL')
  await server.says(/is ready after/, 3)
  assert.match(
    server.stderr,
    new RegExp(
      `worker \\d \\(pid ${victim}\\) died: it was ended by SIGKILL, after [\\d.]+ m?s: not by tsgun`,
    ),
  )
  assert.equal(server.workerPids.length, 2)
  await server.stop()
})

test('a later boot failure never ends the server: the slot is retried with growing delays, and the others serve', async (t) => {
  const project = createProject(t, {
    'app.js':
      `import { existsSync } from 'node:fs'\nif (existsSync('broken')) throw new Error('broken ` +
      `now')\nexport default (req, res) => res.end('ok')\n`,
    ...config('workers: 2'),
  })
  const server = await startServer(project)
  writeFileSync(project.path('broken'), '')
  killProcess(server.workerPids[0] ?? 0, 'SIGKILL')
  await server.says(/(failed to boot: |last_error=).*broken now/, 3)
  assert.match(server.stderr, /next attempt in [\d.]+ m?s/)
  assert.match((await ask(server.url)).body, /ok/)
  await import('node:fs/promises').then(({ rm }) => rm(project.path('broken')))
  await server.says(/is ready after/, 3)
  await server.stop()
})
