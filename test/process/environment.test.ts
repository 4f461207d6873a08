// What the server's processes look like from outside and what the app finds around it: directory,
// environment, titles, pidfile.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { killProcess } from '../helpers/processes.ts'
import { createProject, launch, startServer } from '../helpers/tsgun.ts'

const titleOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '')

test(
  'env is visible to the app and the access log, extends the environment of the server, and is ' +
    'replaced as a whole',
  async (t) => {
    const project = createProject(t, {
      'app.js':
        'export default (req, res) => res.end(JSON.stringify([process.env.COLOR, process.env.SHAPE ' +
        '?? ' +
        'null, process.env.FROM_OUTSIDE, process.env.TSGUN_READY_FD ?? null]))\n',
      'server.config.js':
        `export default { app: './app.js', bind: '127.0.0.1:0', env: { COLOR: 'red', ` +
        'SHAPE: ' +
        `'round' ` +
        '}, ' +
        `accesslog: 'access.log', access_log_format: '%(U)s %({COLOR}e)s %({SHAPE}e)s' }\n`,
    })
    const environment = { FROM_OUTSIDE: 'yes' }
    const server = await startServer(project, { environment })
    assert.deepEqual(JSON.parse((await ask(server.url, '/a')).body), ['red', 'round', 'yes', null])
    await server.stop()
    const other = await startServer(project, { environment, arguments: ['-e', 'COLOR=dark=blue'] })
    assert.deepEqual(JSON.parse((await ask(other.url, '/b')).body), ['dark=blue', null, 'yes', null])
    await other.stop()
    assert.equal(project.read('access.log'), '/a red round\n/b dark=blue -\n')
  },
)

test('chdir is the directory of the app, and relative paths in other settings are relative to it', async (t) => {
  const project = createProject(t, {
    'server.config.js':
      `export default { app: './app.js', chdir: 'site', bind: 'unix:web.sock', pidfile: ` +
      `'server.pid', ` +
      `errorlog: 'error.log', hooks: ['hooks.js'] }\n`,
    'site/app.js': 'export default (req, res) => res.end(process.cwd())\n',
    'site/hooks.js': `export function when_ready() { console.error('ready in ' + process.cwd()) }\n`,
  })
  const server = await startServer(project)
  assert.equal(server.url, `unix:${project.path('site/web.sock')}`)
  assert.equal((await ask(server.url)).body, project.path('site'))
  assert.equal(project.read('site/server.pid'), `${server.pid}\n`)
  await server.says(new RegExp(`ready in ${project.path('site')}`))
  await server.stop()
  assert.match(project.read('site/error.log'), /stopped/)
  assert.ok(!existsSync(project.path('site/server.pid')) && !existsSync(project.path('site/web.sock')))
})

test('a chdir that does not exist is reported once, even if other settings depend on it', async (t) => {
  const project = createProject(t)
  const server = launch(project, { arguments: ['--chdir', 'nowhere', '--hooks', './hooks.js', './app.js'] })
  assert.deepEqual(await server.exit(), { code: 1, signal: null })
  assert.equal(
    server.stderr,
    `command line: --chdir: expected a directory that exists; got "${project.path('nowhere')}"\n`,
  )
})

test('process titles have the role and the app, or proc_name', async (t) => {
  const project = createProject(t, { 'app.js': 'export default (req, res) => res.end()\n' })
  const plain = await startServer(project, { arguments: ['-b', '127.0.0.1:0', './app.js'] })
  assert.equal(titleOf(plain.pid), 'tsgun: master [./app.js]')
  assert.deepEqual(plain.workerPids.map(titleOf), ['tsgun: worker 0 [./app.js]'])
  await plain.stop()
  const named = await startServer(project, {
    arguments: ['-n', 'shop', '-w', '2', '-b', '127.0.0.1:0', './app.js'],
  })
  assert.equal(titleOf(named.pid), 'tsgun: master [shop]')
  assert.deepEqual(named.workerPids.map(titleOf).sort(), ['tsgun: worker 0 [shop]', 'tsgun: worker 1 [shop]'])
  await named.stop()
})

test(
  'a pidfile in a directory that does not exist ends the start with exit code 1 and its ' + 'path',
  async (t) => {
    const project = createProject(t, { 'app.js': 'export default (req, res) => res.end()\n' })
    const server = launch(project, { arguments: ['-p', 'run/server.pid', '-b', 'unix:web.sock', './app.js'] })
    assert.deepEqual(await server.exit(), { code: 1, signal: null })
    assert.match(
      server.stderr,
      new RegExp(
        `cannot write the pidfile ${project.path('run/server.pid')}: there is no directory ` +
          `${project.path('run')}`,
      ),
    )
    assert.doesNotMatch(server.stderr, /^\s+at /m)
    assert.ok(!existsSync(project.path('web.sock')))
  },
)

test(
  'TSGUN_READY_FD gets one line and is closed; a closed descriptor, or a missing TMPDIR, is an error ' +
    'at once',
  async (t) => {
    const project = createProject(t, { 'app.js': 'export default (req, res) => res.end()\n' })
    const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', './app.js'] })
    assert.deepEqual(server.announcement, { pid: server.pid, listeners: [server.url] })
    await server.stop()
    for (const [variable, value, reason] of [
      ['TSGUN_READY_FD', '77', 'expected the number of an open descriptor; got "77"'],
      ['TSGUN_READY_FD', 'x', 'expected the number of an open descriptor; got "x"'],
      [
        'TMPDIR',
        '/nowhere',
        'expected a directory that can be written, for compiled code; got "/nowhere": ' +
          'it ' +
          'does ' +
          'not ' +
          'exist',
      ],
    ] as const) {
      const failed = launch(project, { arguments: ['./app.js'], environment: { [variable]: value } })
      assert.deepEqual(await failed.exit(), { code: 1, signal: null })
      assert.equal(failed.stderr, `environment: ${variable}: ${reason}\n`)
    }
  },
)

test(
  'TSGUN_READY_FD is checked before the config is loaded, which may open files under the same ' + 'number',
  async (t) => {
    const project = createProject(t, {
      'app.js': 'export default (req, res) => res.end()\n',
      'server.config.js':
        "import { writeFileSync } from 'node:fs'\nwriteFileSync('loaded', '')\nexport default { app: " +
        "'./app.js' }\n",
    })
    const failed = launch(project, {
      arguments: ['-c', 'server.config.js'],
      environment: { TSGUN_READY_FD: '77' },
    })
    assert.deepEqual(await failed.exit(), { code: 1, signal: null })
    assert.match(failed.stderr, /^environment: TSGUN_READY_FD: /)
    assert.ok(!existsSync(project.path('loaded')))
  },
)

test(
  'if a start fails and the error log is a file, the reason is on standard error too; a later failure ' +
    'is not',
  async (t) => {
    const project = createProject(t, {
      'app.js':
        `import { existsSync } from 'node:fs'\nif (existsSync('broken')) throw new Error('broken ` +
        `now')\nexport default (req, res) => res.end()\n`,
    })
    const words = ['-b', '127.0.0.1:0', '--error-logfile', 'error.log', './app.js']
    const server = await startServer(project, { arguments: words })
    project.write('broken', '')
    killProcess(server.workerPids[0] ?? 0, 'SIGKILL')
    await server.until('the failure in the log', () => project.read('error.log').includes('broken now'))
    await server.stop()
    assert.match(server.stderr, /^tsgun: serving at .*\n$/, 'nothing of the worker')
    const failed = launch(project, { arguments: words })
    assert.deepEqual(await failed.exit(), { code: 3, signal: null })
    assert.match(failed.stderr, /^tsgun: the start failed: .*broken now; exit code 3\n/)
  },
)
