// The environment of workers as a part of their generation: `env_file`, and what a config itself puts into
// process.env.

import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { killProcess } from '../helpers/processes.ts'
import { createProject, launch, startServer, type RunningServer } from '../helpers/tsgun.ts'

/** Responds with the variables whose names begin with X_, and those of `more`. */
const app = `const more = ['NODE_ENV', 'SHADE']
export default (req, res) => res.end(JSON.stringify(Object.fromEntries(Object.entries(process.env)
  .filter(([name]) => name.startsWith('X_') || more.includes(name)).sort())))\n`

async function variables(server: RunningServer): Promise<unknown> {
  return JSON.parse((await ask(server.url)).body)
}

/** Kills the worker and waits for its replacement. */
async function replaceWorker(server: RunningServer): Promise<void> {
  const ready = [...server.stderr.matchAll(/\(pid (\d+)\) is ready after/g)]
  killProcess(Number(ready.at(-1)?.[1]), 'SIGKILL')
  await server.says(/is ready after/, ready.length + 1)
}

async function reload(server: RunningServer, generation: number): Promise<void> {
  server.signal('SIGHUP')
  await server.says(new RegExp(`reload done: generation ${generation} `))
}

test(
  'env_file is read again at each reload and not before; removed variables leave; env and the real ' +
    'environment win',
  async (t) => {
    const project = createProject(t, {
      'site/app.js': app,
      'server.config.js': `export default { app: './app.js', chdir: 'site', bind: '127.0.0.1:0',
      env_file: ['.env', '../more.env'], env: { X_ENV: 'env' } }\n`,
      'site/.env': 'X_A=1\nX_GONE=1\nX_REAL=file\nX_ENV=file\nX_BOTH=first\n',
      'more.env': 'X_BOTH=second\n',
    })
    const server = await startServer(project, { environment: { X_REAL: 'real' } })
    const first = { X_A: '1', X_BOTH: 'second', X_ENV: 'env', X_GONE: '1', X_REAL: 'real' }
    assert.deepEqual(await variables(server), first)
    project.write('site/.env', 'X_A=2\nX_NEW=2\n')
    await replaceWorker(server)
    assert.deepEqual(await variables(server), first, 'a replaced worker keeps its generation')
    await reload(server, 2)
    const second = { X_A: '2', X_BOTH: 'second', X_ENV: 'env', X_NEW: '2', X_REAL: 'real' }
    assert.deepEqual(await variables(server), second)
    await server.says(/reload: settings changed: .*env_file\.X_A.*env_file\.X_GONE/)
    rmSync(project.path('more.env'))
    server.signal('SIGHUP')
    await server.says(/reload failed.*env_file: there is no file .*more\.env/)
    await replaceWorker(server)
    assert.deepEqual(await variables(server), second)
    await server.stop()
  },
)

test(
  'with --env-file, PORT and WEB_CONCURRENCY of the file are the defaults of bind and ' + 'workers',
  async (t) => {
    const project = createProject(t, { 'app.js': app, '.env': 'PORT=0\nWEB_CONCURRENCY=2\nX_A=1\n' })
    const server = await startServer(project, { arguments: ['--env-file', '.env', './app.js'] })
    assert.equal(server.workerPids.length, 2)
    assert.match(server.url, /^http:\/\/0\.0\.0\.0:\d+$/)
    await server.stop()
    const invalid = launch(project, { arguments: ['-e', 'PORT=abc', './app.js'] })
    assert.deepEqual(await invalid.exit(), { code: 1, signal: null })
    assert.match(invalid.stderr, /^env: PORT: expected .*got "abc"/m)
  },
)

test(
  'no value of a file is in a log, in --print-config or in a message, and a wrong file is one ' + 'line',
  async (t) => {
    const project = createProject(t, { 'app.js': app, '.env': 'X_SECRET=s3cret\ns3cret\n' })
    const words = ['--env-file', '.env', '-b', '127.0.0.1:0', './app.js']
    const server = await startServer(project, { arguments: [...words, '--log-level', 'debug'] })
    await server.says(/env_file: .*\.env:2: this line is ignored, because it is not NAME=value/)
    project.write('.env', 'X_SECRET=other-s3cret\n')
    await reload(server, 2)
    await server.stop()
    const printed = launch(project, { arguments: [...words, '--print-config'] })
    assert.deepEqual(await printed.exit(), { code: 0, signal: null })
    assert.match(printed.stdout, /env_file\s.*\.env/)
    project.write('.env', 'X_A=1\nX_B="s3cret\n')
    const wrong = launch(project, { arguments: words })
    assert.deepEqual(await wrong.exit(), { code: 1, signal: null })
    assert.equal(
      wrong.stderr,
      `command line: --env-file: ${project.path('.env')}:2: the quote that opens here is never closed\n`,
    )
    for (const text of [server.stderr, server.stdout, printed.stdout, wrong.stderr])
      assert.doesNotMatch(text, /s3cret/)
  },
)

/** Does what dotenv does: variables that are set keep their values. */
const dotenv = `import { readFileSync } from 'node:fs'
for (const line of readFileSync(new URL('.env', import.meta.url), 'utf8').split('\\n')) {
  const [name, value] = line.split('=')
  if (value !== undefined) process.env[name] ??= value
}\n`

test(
  'what a config puts into process.env is that of its generation: changed, added and removed ' + 'variables',
  async (t) => {
    const config = `import './dotenv.ts'
    if (process.env.X_A === 'broken') throw new Error('the config is broken')
    export default { app: './app.js', bind: '127.0.0.1:0', env: { SHADE: process.env.X_COLOR ?? '' } }\n`
    const project = createProject(t, {
      'app.js': app,
      'dotenv.ts': dotenv,
      'server.config.ts': config,
      '.env': 'X_A=1\nX_GONE=1\nX_COLOR=red\nX_REAL=file\n',
    })
    const server = await startServer(project, { environment: { X_REAL: 'real' } })
    const first = { SHADE: 'red', X_A: '1', X_COLOR: 'red', X_GONE: '1', X_REAL: 'real' }
    assert.deepEqual(await variables(server), first)
    project.write('.env', 'X_A=2\nX_NEW=2\nX_COLOR=blue\n')
    await replaceWorker(server)
    assert.deepEqual(await variables(server), first, 'a replaced worker keeps its generation')
    await reload(server, 2)
    const second = { SHADE: 'blue', X_A: '2', X_COLOR: 'blue', X_NEW: '2', X_REAL: 'real' }
    assert.deepEqual(await variables(server), second)
    await server.says(/settings changed: .*process\.env\.X_A.*process\.env\.X_GONE/)
    project.write('.env', 'X_A=broken\n')
    server.signal('SIGHUP')
    await server.says(/reload failed.*the config is broken/)
    await replaceWorker(server)
    assert.deepEqual(await variables(server), second, 'a failed load leaves nothing behind')
    await server.stop()
  },
)

test(
  'a reload whose new workers fail goes back to the environment of the old config, also for hooks of ' +
    'the master',
  async (t) => {
    const config = (value: string): string => `process.env.X_A = '${value}'
    export default { app: './app.js', bind: '127.0.0.1:0',
      pre_fork() { process.env.X_SEEN = process.env.X_A + process.env.X_TOKEN },
      on_starting() { process.env.X_TOKEN = 'token' } }\n`
    const project = createProject(t, { 'app.js': app, 'server.config.js': config('old') })
    const server = await startServer(project)
    const old = { X_A: 'old', X_SEEN: 'oldtoken', X_TOKEN: 'token' }
    assert.deepEqual(await variables(server), old)
    project.write('server.config.js', config('new'))
    project.write('app.js', 'throw new Error("not this one")\n')
    server.signal('SIGHUP')
    await server.says(/reload failed, the old generation keeps serving/)
    project.write('app.js', app)
    await replaceWorker(server)
    assert.deepEqual(await variables(server), old)
    await reload(server, 3)
    assert.deepEqual(await variables(server), { X_A: 'new', X_SEEN: 'newtoken', X_TOKEN: 'token' })
    await server.stop()
  },
)
