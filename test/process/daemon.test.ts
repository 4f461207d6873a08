// `daemon`: the command that returns, and the server that it leaves in the background.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { childrenOf, isAlive, killIfRunning, killProcess, statField } from '../helpers/processes.ts'
import { createProject, launch, type Launched, type LaunchOptions, type Project } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const flags = [
  '-D',
  '--error-logfile',
  'error.log',
  '--app-logfile',
  'app.log',
  '-b',
  '127.0.0.1:0',
  '-b',
  'unix:web.sock',
]

/** Runs the command until it returns. What it leaves in the background ends with the test. */
async function daemonize(project: Project, options: LaunchOptions): Promise<Launched> {
  const command = launch(project, options)
  project.onEnd(async () => {
    for (const pid of backgroundOf(project)) killIfRunning(pid)
  })
  await command.exit()
  return command
}

/** Masters and workers whose temporary directory is the project's. */
function backgroundOf(project: Project): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => environmentOf(name).includes(`TMPDIR=${project.path('tmp')}`))
    .map(Number)
}

function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return [] // it has exited, or belongs to another user
  }
}

async function exited(pid: number): Promise<void> {
  await eventually(`the exit of process ${pid}`, () => !isAlive(pid) || undefined)
}

const announcedPid = (command: Launched): number => command.announcement?.pid ?? 0

test(
  'the command returns with 0 when the server serves, and the server runs detached, in its own ' +
    'session, without a terminal',
  async (t) => {
    const project = createProject(t, {
      'app.js':
        `process.stderr.write('said by the app\\n'); export default (req, res) => { ` +
        `console.log('asked'); res.end('hello') }\n`,
    })
    const command = await daemonize(project, {
      arguments: [...flags, '-p', 'server.pid', '-w', '2', './app.js'],
    })
    const pid = announcedPid(command)
    assert.deepEqual(await command.exited, { code: 0, signal: null }, command.report())
    assert.equal(command.stdout, `tsgun runs in the background, master pid ${pid}\n`)
    assert.equal(command.stderr, '')
    assert.equal(project.read('server.pid'), `${pid}\n`)
    assert.notEqual(statField(pid, 4), command.pid)
    assert.equal(statField(pid, 6), pid, 'it leads a session')
    for (const fd of [0, 1, 2])
      assert.equal(readlinkSync(`/proc/${pid}/fd/${fd}`), '/dev/null', `descriptor ${fd}`)
    assert.equal(childrenOf(pid).length, 2)
    const [url = '', path = ''] = command.announcement?.listeners ?? []
    assert.equal((await ask(url)).body, 'hello')
    assert.equal((await ask(path)).body, 'hello')
    killProcess(pid, 'SIGTERM')
    await exited(pid)
    assert.match(project.read('error.log'), /stopped/)
    assert.match(project.read('app.log'), /said by the app[^]*asked/)
    assert.ok(!existsSync(project.path('server.pid')) && !existsSync(project.path('web.sock')))
    assert.deepEqual(readdirSync(project.path('tmp')), [])
    assert.deepEqual(backgroundOf(project), [])
  },
)

test('a daemon that warns, and whose output is not captured, outlives the terminal', async (t) => {
  const project = createProject(t, {
    'app.js':
      `export default (req, res) => { console.error('to nowhere'); process.emitWarning('w'); ` +
      `res.end('hello') }\n`,
    'server.config.js': `export default { app: './app.js', bind: '127.0.0.1:0', errorlog: 'error.log', applog: null, daemon: true, capture_output: false,
      child_exit() { process.emitWarning('in the master'); console.error('in the master') } }\n`,
  })
  const command = await daemonize(project, {})
  const pid = announcedPid(command)
  const url = command.announcement?.listeners[0] ?? ''
  for (let round = 0; round < 2; round += 1) {
    const [worker = 0] = childrenOf(pid)
    assert.equal((await ask(url)).body, 'hello')
    killProcess(worker, 'SIGKILL')
    await exited(worker)
    assert.equal((await ask(url)).body, 'hello', 'by its replacement')
  }
  assert.ok(isAlive(pid))
  killProcess(pid, 'SIGTERM')
  await exited(pid)
  assert.match(project.read('error.log'), /stopped/)
})

test('a start that fails in the background is reported by the command, with its exit code', async (t) => {
  const broken = createProject(t, { 'app.js': `throw new Error('no database here')\n` })
  const wrong = createProject(t, { 'app.js': 'export const application = 5\n' })
  const taken = createProject(t, { 'app.js': 'export default (req, res) => {}\n', 'web.sock': 'a file' })
  const terminal = createProject(t, { 'app.js': '' })
  const run = (project: Project, words = flags): Promise<Launched> =>
    daemonize(project, { arguments: [...words, '-p', 'server.pid', './app.js'] })
  const [a, b, c, d] = await Promise.all([run(broken), run(wrong), run(taken), run(terminal, ['-D'])])
  assert.deepEqual(await a.exited, { code: 3, signal: null })
  assert.match(a.stderr, /^tsgun: the start failed: .*no database here; exit code 3$/m)
  assert.ok(a.stderr.includes(`${broken.path('app.js')}:1:`), a.stderr)
  assert.match(broken.read('error.log'), /no database here/)
  assert.deepEqual(await b.exited, { code: 4, signal: null })
  assert.match(b.stderr, /^tsgun: the start failed: .*application/m)
  assert.deepEqual(await c.exited, { code: 1, signal: null })
  assert.match(c.stderr, /^tsgun: the start failed: cannot listen on unix:web\.sock: the file at this path/m)
  assert.deepEqual(await d.exited, { code: 1, signal: null })
  assert.match(
    d.stderr,
    /^errorlog: expected a file path or null, because a daemon has no terminal; got "-"\napplog: /,
  )
  for (const project of [broken, wrong, taken, terminal]) {
    await a.until('the background to be empty', () => backgroundOf(project).length === 0)
    assert.ok(!existsSync(project.path('server.pid')))
    assert.deepEqual(readdirSync(project.path('tmp')), [])
  }
})

test(
  'with chdir, a daemon finds its config where it was started and all else from chdir, also at a ' + 'reload',
  async (t) => {
    const project = createProject(t, {
      'etc/my.config.js': `export default { app: './app.js', chdir: 'site', bind: ['127.0.0.1:0', 'unix:run/web.sock'], daemon: true,
      pidfile: 'run/server.pid', errorlog: 'log/error.log', applog: null, accesslog: 'log/access.log', hooks: './deploy.js' }\n`,
      'site/app.js': `export default (req, res) => res.end(process.cwd())\n`,
      'site/deploy.js':
        `import { writeFileSync } from 'node:fs'\nexport function on_reload() { ` +
        `writeFileSync('reloaded', '') }\n`,
      'site/log/.keep': '',
      'site/run/.keep': '',
    })
    const command = await daemonize(project, { arguments: ['-c', 'etc/my.config.js'] })
    assert.deepEqual(await command.exited, { code: 0, signal: null }, command.report())
    const pid = announcedPid(command)
    assert.equal(project.read('site/run/server.pid'), `${pid}\n`)
    const path = command.announcement?.listeners[1] ?? ''
    assert.equal(path, `unix:${project.path('site/run/web.sock')}`)
    assert.equal((await ask(path)).body, project.path('site'))
    killProcess(pid, 'SIGHUP')
    await command.until('the reload', () => project.read('site/log/error.log').includes('reload done'))
    assert.ok(existsSync(project.path('site/reloaded')), 'the hook script ran in chdir')
    killProcess(pid, 'SIGTERM')
    await exited(pid)
    assert.match(project.read('site/log/access.log'), /GET/)
    assert.deepEqual(readdirSync(project.path('site/run')), ['.keep'])
  },
)

test(
  'the daemon gets the environment of the command, not what the config has put there, so that a reload ' +
    'replaces it',
  async (t) => {
    const project = createProject(t, {
      'app.js': 'export default (req, res) => res.end(process.env.FROM_FILE)\n',
      'server.config.js': `import { readFileSync } from 'node:fs'
process.env.FROM_FILE ??= readFileSync(new URL('value', import.meta.url), 'utf8')
export default { app: './app.js' }\n`,
      value: 'old',
    })
    const command = await daemonize(project, { arguments: flags })
    const [url = ''] = command.announcement?.listeners ?? []
    assert.equal((await ask(url)).body, 'old')
    project.write('value', 'new')
    killProcess(announcedPid(command), 'SIGHUP')
    await eventually('the reload', () => project.read('error.log').includes('reload done') || undefined)
    assert.equal((await ask(url)).body, 'new')
    killProcess(announcedPid(command), 'SIGTERM')
    await exited(announcedPid(command))
  },
)
