// `tsgunctl logs`: the records of all logs, wherever they are written to, chosen by process, level and text,
// and followed through a reload, an upgrade and the stop of the server.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Status } from '../../src/control/protocol.ts'
import { tsgunctl } from '../helpers/control.ts'
import { ask } from '../helpers/http.ts'
import { isAlive, killProcess } from '../helpers/processes.ts'
import {
  createProject,
  launch,
  repository,
  startServer,
  type Launched,
  type Project,
} from '../helpers/tsgun.ts'

/** Requests that log 500 KB each; for a client that does not read 1 MiB waits, and what its socket holds. */
const floods = 12

const files = {
  'web.js': `import { log } from 'tsgun'
    export default (req, res) => {
      if (req.url === '/fail') throw new Error('no tea')
      if (req.url === '/flood') for (let nr = 0; nr < 50; nr += 1) log.info('x'.repeat(10_000))
      log.info('logged ' + req.url)
      res.end()
    }\n`,
  'feed.sh': 'echo feed begins; echo feed warns >&2; exec sleep 600\n',
}

const projectWith = (t: Parameters<typeof createProject>[0], more = ''): Project =>
  createProject(t, {
    ...files,
    'server.config.js': `export default { app: './web.js', bind: '127.0.0.1:0', workers: 1,
      control_socket: 'ctl.sock', pidfile: 'server.pid', services: { feed: { command: ['sh', 'feed.sh'] } },
      ${more} }\n`,
  })

function follow(project: Project, ...words: readonly string[]): Launched {
  const bin = join(repository, 'bin/tsgunctl.js')
  return launch(project, { bin, arguments: ['--socket', project.path('ctl.sock'), 'logs', '-f', ...words] })
}

/** Without times, process ids and request ids. */
const plain = (text: string): string[] =>
  text
    .replaceAll(/\[\d{4}-[^\]]+\] \[\d+\] |request_id=\S+|\(pid \d+\)/g, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(' '))

test('the latest records are shown by log, service, worker, level and text, also of logs without a file', async (t) => {
  const project = projectWith(t, `accesslog: 'access.log', errorlog: 'error.log', applog: null,`)
  const server = await startServer(project)
  await ask(server.url, '/one')
  await ask(server.url, '/fail')
  await server.until('the access line', () => project.read('access.log').includes('/fail'))
  const logs = (...words: string[]): Promise<string> => tsgunctl(project, ...words)

  assert.deepEqual(plain(await logs('logs', 'app', '--service', 'feed')), [
    '[INFO] [feed 0] feed begins',
    '[WARN] [feed 0] feed warns',
  ])
  assert.deepEqual(plain(await logs('logs', 'app', '--worker', '0')), ['[INFO] [worker 0] logged /one'])
  const failure = plain(await logs('logs', 'error', '--level', 'warn'))
  assert.equal(failure.length, 1)
  assert.match(failure[0] ?? '', /^\[ERROR\] \[worker 0\] GET \/fail → 500: no tea/)
  assert.match(
    await logs('logs', '--grep', 'web\\.js:\\d'),
    /^error {2}\| .*no tea[^]*at default .*web\.js:3/,
  )
  const all = await logs('logs', '-n', '100')
  assert.match(all, /^access +\| 127\.0\.0\.1 .*GET \/one /m)
  assert.match(all, /^app +\| .*\[worker 0\] logged \/one$/m)
  assert.match(all, /^feed\/app.*\| .*feed begins$/m)
  assert.match(all, /^feed\/error.*\| .*\[master\] feed 0 \(pid \d+\) is ready/m)
  assert.match(all, /^error.*\| .*tsgun [\d.]+ starts/m) // from the first line
  const [line = ''] = (await logs('--json', 'logs', 'access', '-n', '1')).trim().split('\n')
  assert.deepEqual(JSON.parse(line), {
    log: 'access',
    service: 'web',
    worker: 0,
    text: project.read('access.log').trim().split('\n').at(-1),
  })
  await assert.rejects(logs('logs', '--service', 'fed'), {
    code: 2,
    stderr: 'tsgunctl: logs: there is no service "fed", only "web", "feed"\n',
  })
  await assert.rejects(logs('logs', 'app', '--level', 'loud'), { code: 2, stdout: '' })
  await server.stop()
})

test('new records are followed through a reload, an upgrade and the stop', async (t) => {
  const project = projectWith(t)
  const server = await startServer(project)
  const followed = follow(project, 'error')
  const app = follow(project, 'app', '--service', 'web')
  const sees = (what: RegExp, by = followed): Promise<void> =>
    by.until(String(what), () => what.test(by.stdout))
  await ask(server.url, '/begin')
  await sees(/logged \/begin/, app)
  await sees(/the worker is ready/)
  server.signal('SIGHUP')
  await sees(/reload done/)
  await ask(server.url, '/reloaded')
  await sees(/logged \/reloaded/, app)

  server.signal('SIGUSR2')
  await server.says(/the new master \d+ serves beside this one/)
  const successor = Number(project.read('server.pid.2'))
  server.signal('SIGTERM')
  await sees(new RegExp(`\\[${successor}\\] .*upgrade done: the old master ${server.pid} has exited`))
  assert.match(followed.stdout, new RegExp(`\\[${server.pid}\\] \\[INFO\\] \\[master\\] stopped\n`))
  assert.match(followed.stdout, new RegExp(`\\[${successor}\\] \\[INFO\\] \\[master\\] tsgun [\\d.]+ starts`))
  await ask(server.url, '/upgraded')
  await sees(/logged \/upgraded/, app)
  killProcess(successor, 'SIGTERM')
  await followed.until('the exit of the new master', () => !isAlive(successor))
  for (const each of [followed, app]) {
    assert.deepEqual(await each.exit(), { code: 0, signal: null })
    assert.equal(each.stderr, 'tsgunctl: the server has exited\n')
  }
  assert.match(followed.stdout, new RegExp(`\\[${successor}\\] \\[INFO\\] \\[master\\] stopped\n$`))
})

test('a client that does not read misses records, and disturbs neither the server nor other clients', async (t) => {
  const project = projectWith(t, `errorlog: null, applog: null`)
  const server = await startServer(project)
  const stopped = follow(project, 'app', '--service', 'web')
  const reads = follow(project, 'app', '--service', 'web', '--grep', 'logged')
  await ask(server.url, '/begin')
  await stopped.until('a record', () => stopped.stdout.includes('logged /begin'))
  await reads.until('a record', () => reads.stdout.includes('logged /begin'))
  killProcess(stopped.pid, 'SIGSTOP')
  // each is less than what may wait for a client, so that one that reads misses none
  for (let nr = 0; nr < floods; nr += 1) {
    assert.equal((await ask(server.url, '/flood')).status, 200)
    await reads.until('the flood', () => (reads.stdout.match(/logged \/flood/g) ?? []).length > nr)
  }
  const { state } = JSON.parse(await tsgunctl(project, '--json', 'status')) as Status
  assert.equal(state, 'serving')
  killProcess(stopped.pid, 'SIGCONT')
  await stopped.until('what is missing', () => /\d+ lines are not shown/.test(stopped.stderr))
  const missed = Number(/(\d+) lines are not shown/.exec(stopped.stderr)?.[1])
  assert.ok(missed > 0 && missed < floods * 51, String(missed))
  assert.equal(reads.stderr, '')
  await ask(server.url, '/end')
  await stopped.until('the next record', () => stopped.stdout.includes('logged /end'))
  await server.stop()
  await Promise.all([stopped.exit(), reads.exit()])
})
