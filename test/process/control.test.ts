// A real server is controlled by the real tsgunctl, and by plain HTTP at its control socket.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { once } from 'node:events'
import net from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { statusFields, workerFields } from '../../src/control/fields.ts'
import type { Status, WorkersResponse } from '../../src/control/protocol.ts'
import { ask, connectTo } from '../helpers/http.ts'
import { routesApp } from '../helpers/routes.ts'
import {
  createProject,
  launch,
  nodeBinary,
  repository,
  startServer,
  type Project,
  type RunningServer,
} from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

interface Result {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs tsgunctl in the project's directory, with a minimal environment. */
async function control(
  project: Project,
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Result> {
  const child = spawn(nodeBinary, [join(repository, 'bin/tsgunctl.js'), ...words], {
    cwd: project.directory,
    env: { PATH: process.env['PATH'], TMPDIR: project.path('tmp'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out, err }
}

function projectOf(t: TestContext, text = ''): Project {
  const config =
    `export default { app: './app.js', bind: '127.0.0.1:0', control_socket: 'control.sock', ` +
    `${text} ` +
    '}\n'
  return createProject(t, { 'app.js': routesApp, 'server.config.js': config })
}

const bySocket = (project: Project): NodeJS.ProcessEnv => ({
  TSGUN_CONTROL_SOCKET: project.path('control.sock'),
})

async function statusOf(project: Project): Promise<Status> {
  const { body } = await ask(`unix:${project.path('control.sock')}`, '/status')
  return JSON.parse(body) as Status
}

/** Resolves with the status once it is as expected: workers take time. */
async function statusWhen(server: RunningServer, holds: (status: Status) => boolean): Promise<Status> {
  const probe = async (): Promise<Status | undefined> => {
    const status = await statusOf(server.project)
    return holds(status) ? status : undefined
  }
  return eventually('the expected status', probe, () => server.report())
}

test('status and workers show each field of the docs, as JSON and as text', async (t) => {
  const project = projectOf(t, 'workers: 2')
  const server = await startServer(project)
  assert.equal(lstatSync(project.path('control.sock')).mode & 0o777, 0o600)
  const json = await control(project, ['status', '--json'], bySocket(project))
  assert.equal(json.code, 0, json.err)
  const status = JSON.parse(json.out) as Status
  assert.deepEqual(
    fieldsOf({
      ...status,
      services: {},
      tasks: {},
      bus: {},
      last_reload: { attempt: 0, ok: true, reason: null, at: '' },
    }),
    Object.keys(statusFields).filter((name) => !/^(tasks|services)\[\]|^bus\./.test(name)),
  )
  assert.deepEqual([status.pid, status.state, status.listeners], [server.pid, 'serving', server.listeners])
  assert.deepEqual(status.workers, { wanted: 2, ready: 2 })
  const { workers } = JSON.parse(
    (await control(project, ['workers', '--json'], bySocket(project))).out,
  ) as WorkersResponse
  assert.deepEqual(
    workers.map((worker) => Object.keys(worker)),
    [Object.keys(workerFields), Object.keys(workerFields)],
  )
  assert.deepEqual(workers.map(({ pid }) => pid).toSorted(), server.workerPids.toSorted())

  const plain = await control(project, [], bySocket(project))
  assert.match(
    plain.out,
    new RegExp(
      `^state +serving, up .*, pid ${server.pid}, tsgun .*\\nconfig +.*\\nlistening +${server.url}\\n`,
    ),
  )
  const table = await control(project, ['workers'], bySocket(project))
  assert.equal(table.out.trim().split('\n').length, 3, table.out)
  await server.stop()
  assert.equal(existsSync(project.path('control.sock')), false)
})

/** Each leaf by its path; of a list, its first; of the logs, the first. */
function fieldsOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value) && typeof value[0] === 'object') return fieldsOf(value[0], `${path}[]`)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path]
  const entries = Object.entries(value)
  const shown = path === 'logs' ? entries.slice(0, 1) : entries
  return shown.flatMap(([name, inner]) => fieldsOf(inner, path === '' ? name : `${path}.${name}`))
}

test('reload --wait exits with 0 when the new generation serves, and with 1 and the reason when it does not boot', async (t) => {
  const project = projectOf(t)
  const config = project.read('server.config.js')
  const server = await startServer(project)
  const done = await control(project, ['reload', '--wait'], bySocket(project))
  assert.equal(done.code, 0, done.err)
  assert.match(
    done.out,
    /\[INFO\] reload: loading the config\n(.*\n)*\[INFO\] reload done: generation 2 serves/,
  )
  const served = await ask(server.url, '/pid')

  project.write('app.js', `throw new Error('a broken release')\n`)
  const broken = await control(project, ['reload', '--wait'], bySocket(project))
  assert.equal(broken.code, 1)
  assert.match(broken.out, /\[ERROR\] reload failed, the old generation keeps serving/)
  assert.match(broken.err, /^tsgunctl: reload: .*a broken release/)
  project.write(
    'server.config.js',
    `export default { app: './app.js', control_socket: 'control.sock', workers: 'many' }\n`,
  )
  const wrong = await control(project, ['reload', '--wait', '--json'])
  assert.equal(wrong.code, 1, 'the config still says where the socket is')
  const last = JSON.parse(wrong.out.trim().split('\n').at(-1) ?? '') as { done: boolean; reason: string }
  assert.equal(last.done, false)
  assert.match(last.reason, /workers: expected a whole number/)

  const { generation, last_reload: reload, state } = await statusOf(project)
  assert.deepEqual(
    [generation, state, reload?.attempt, reload?.ok, reload?.reason],
    [2, 'serving', 3, false, last.reason],
  )
  assert.equal((await ask(server.url, '/pid')).body, served.body)
  assert.match((await control(project, ['reload'], bySocket(project))).out, /^reload number 4 accepted/)
  await statusWhen(server, ({ last_reload: last }) => last?.attempt === 4)

  // docs: each reload takes the next number, even if it fails
  project.write('app.js', routesApp)
  project.write('server.config.js', config)
  assert.equal((await control(project, ['reload', '--wait'], bySocket(project))).code, 0)
  assert.equal((await statusOf(project)).generation, 6, 'one more than the reloads')
  await server.stop()
})

test('scale, rotate and reopen take effect or report why not', async (t) => {
  const project = projectOf(t, `errorlog: 'error.log', capture_output: false`)
  const server = await startServer(project)
  const order = (...words: string[]): Promise<Result> => control(project, words, bySocket(project))
  assert.equal((await order('scale', '2')).code, 0)
  await statusWhen(server, ({ workers }) => workers.wanted === 2 && workers.ready === 2)
  const rotated = (): number =>
    readdirSync(project.directory).filter((name) => name.startsWith('error.log.')).length
  assert.deepEqual(await order('rotate', 'error'), { code: 0, out: 'rotated\n', err: '' })
  assert.equal(rotated(), 1)
  renameSync(project.path('error.log'), project.path('moved.log'))
  assert.deepEqual(await order('reopen'), { code: 0, out: 'reopened\n', err: '' })
  assert.ok(existsSync(project.path('error.log')))
  const written = async (): Promise<number> => (await statusOf(project)).logs['error']?.written ?? -1
  const size = (file: string): number => statSync(project.path(file)).size
  const files = readdirSync(project.directory).filter((name) => /^(error\.log|moved)/.test(name))
  await eventually('docs: written counts rotated and renamed files too', async () => {
    const sum = files.reduce((bytes, file) => bytes + size(file), 0)
    return files.length === 3 && sum > 0 && (await written()) === sum ? true : undefined
  })

  const wrong = await order('scale', 'many')
  assert.deepEqual(
    [wrong.code, wrong.err],
    [2, 'tsgunctl: workers: expected a whole number from 1 to 1024; got "many"\n'],
  )
  await server.stop()
})

test('upgrade --wait ends when the new master serves, or with the reason of its failure; stop completes it at either socket', async (t) => {
  const project = projectOf(t, `pidfile: 'server.pid'`)
  const server = await startServer(project)
  const order = (...words: string[]): Promise<Result> => control(project, words, bySocket(project))
  project.write('app.js', `throw new Error('not ready for this')\n`)
  const failed = await order('upgrade', '--wait')
  assert.equal(failed.code, 1, failed.err)
  assert.match(failed.err, /tsgunctl: upgrade: .*not ready for this/)
  project.write('app.js', routesApp)
  const upgraded = await order('upgrade', '--wait')
  assert.equal(upgraded.code, 0, upgraded.err)
  assert.match(upgraded.out, /the new master \d+ serves beside this one/)
  const second = await control(project, ['status', '--json', '--socket', project.path('control.sock.2')])
  const { pid } = JSON.parse(second.out) as Status
  assert.notEqual(pid, server.pid)
  const refused = await order('upgrade', '--wait')
  assert.deepEqual(
    [refused.code, /a new master is running already/.test(refused.err)],
    [1, true],
    refused.err,
  )
  assert.equal((await order('stop', '--wait')).code, 0)
  await server.until('the new master to be alone', () => !existsSync(project.path('control.sock.2')))
  const alone = await statusWhen(server, (status) => status.pid === pid)
  assert.deepEqual([alone.state, alone.workers], ['serving', { wanted: 1, ready: 1 }])
  assert.equal((await order('stop', '--wait')).code, 0)
  assert.ok(!existsSync(project.path('control.sock')))
})

test('stop --wait ends with the server, and stop --quick cuts requests off', async (t) => {
  const project = projectOf(t, 'graceful_timeout: 600')
  const server = await startServer(project)
  const hanging = ask(server.url, '/hang').catch((error: Error) => error.message)
  await server.says(/hanging/)
  const stopped = control(project, ['stop', '--wait'], bySocket(project))
  await server.says(/is retired \(stop\)/)
  assert.equal((await statusOf(project)).state, 'stopping')
  const late = await control(project, ['reload', '--wait'], bySocket(project))
  assert.deepEqual([late.code, late.err], [1, 'tsgunctl: reload: the server is stopping\n'])
  const quick = await control(project, ['stop', '--quick'], bySocket(project))
  assert.deepEqual(quick, { code: 0, out: 'the server is stopping\n', err: '' })
  const { code, out } = await stopped
  assert.equal(code, 0)
  assert.match(out, /stopping \(graceful\)\n(.*\n)*\[INFO\] stopped\n$/)
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  assert.match(String(await hanging), /hang up|ECONNRESET/)
  const gone = await control(project, ['status'], bySocket(project))
  assert.equal(gone.code, 69)
  assert.match(
    gone.err,
    /^tsgunctl: no server responds at .*control\.sock: the file does not exist: the server is not running/,
  )
})

test('the socket is found by --socket, -c, the environment and the config, in this order', async (t) => {
  const project = projectOf(t)
  const server = await startServer(project)
  const file = project.path('control.sock')
  const nowhere = { TSGUN_CONTROL_SOCKET: project.path('nowhere.sock') }
  project.write(
    'other.config.ts',
    `console.log('noise'); export default { control_socket: '${file}' as string, wrokers: 1 }\n`,
  )
  const found = [
    await control(project, ['--socket', 'control.sock'], nowhere),
    await control(project, ['status', '--socket', file, '-c', 'missing.ts'], nowhere),
    await control(project, ['-c', 'other.config.ts'], nowhere),
    await control(project, []),
    await control(project, [], { TSGUN_CMD_ARGS: '-c other.config.ts' }),
    await control(project, [], bySocket(project)),
  ]
  for (const { code, out, err } of found)
    assert.deepEqual([code, /^state +serving/.test(out)], [0, true], err)
  assert.equal((await control(project, [], nowhere)).code, 69)
  assert.deepEqual(await tellsWhere('no.config.json', '{}'), 2)
  assert.deepEqual(await tellsWhere('broken.config.js', 'nonsense('), 2)
  assert.deepEqual(await tellsWhere('wrong.config.json', '{ "control_socket": 7 }'), 2)
  await server.stop()

  async function tellsWhere(name: string, text: string): Promise<number | null> {
    project.write(name, text)
    const { code, err } = await control(project, ['-c', name])
    assert.match(err, new RegExp(`^tsgunctl: .*${name}.*--socket or TSGUN_CONTROL_SOCKET\\n$`))
    return code
  }
})

test('a wrong command line is refused with exit code 2, before any request is sent', async (t) => {
  const project = createProject(t)
  const codes = await Promise.all(
    [['wokers'], ['scale'], ['status', '--wait'], ['reload', 'now'], ['--nope']].map((words) =>
      control(project, words),
    ),
  )
  for (const { code, out, err } of codes)
    assert.deepEqual([code, out, /^error: /.test(err)], [2, '', true], err)
  assert.match(codes[0]?.err ?? '', /unknown command wokers; did you mean workers\?/)
  assert.equal((await control(project, ['--help'])).code, 0)
})

test('a server whose control socket is in use, or in a missing directory, does not start', async (t) => {
  const project = projectOf(t)
  const server = await startServer(project)
  const second = launch(project)
  assert.deepEqual(await second.exit(), { code: 1, signal: null })
  assert.match(
    second.stderr,
    /the start failed: control_socket: cannot listen on unix:.*control\.sock: it is in use by another process/,
  )
  assert.doesNotMatch(second.stderr, /worker 0/)
  assert.equal((await statusOf(project)).pid, server.pid)
  const missing = launch(project, { arguments: ['--control-socket', 'none/c.sock'] })
  assert.deepEqual(await missing.exit(), { code: 1, signal: null })
  assert.match(
    missing.stderr,
    /control_socket: cannot listen on unix:.*: the directory of the socket does not exist/,
  )
  await server.stop()
})

test('clients that hang or send garbage block neither others nor the stop, and the socket of another server stays', async (t) => {
  const project = projectOf(t)
  const server = await startServer(project)
  const url = `unix:${project.path('control.sock')}`
  for (const bytes of [
    '',
    'GET /sta',
    '\u0000\u0001',
    'POST /stop HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{',
    'x'.repeat(100_000),
  ]) {
    const socket = connectTo(url).on('error', () => undefined)
    t.after(() => socket.destroy())
    if (bytes !== '') socket.write(bytes)
  }
  assert.equal((await statusOf(project)).state, 'serving')
  rmSync(project.path('control.sock'))
  const other = net.createServer().listen(project.path('control.sock'))
  await once(other, 'listening')
  await server.stop()
  assert.ok(existsSync(project.path('control.sock')))
  other.close()
})
