// The three logs of a real server: where they go, who may read them, and that no trouble with them affects a
// request.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fillDisk, growDisk, smallDisk } from '../helpers/full-disk.ts'
import { ask } from '../helpers/http.ts'
import { killProcess, residentBytes } from '../helpers/processes.ts'
import { recordsOf } from '../helpers/records.ts'
import {
  cleanEnvironment,
  createProject,
  launch,
  nodeBinary,
  repository,
  startServer,
  type Project,
  type RunningServer,
} from '../helpers/tsgun.ts'

const app = `export default (req, res) => {
  if (req.url.startsWith('/print')) console.log('printed', req.url)
  if (req.url === '/garbage') import('node:fs').then(({ writeSync }) => writeSync(4, 'this is no frame\\n'))
  res.end('ok')
}
`

function projectWith(t: TestContext, settings: string): Project {
  return createProject(t, {
    'app.js': app,
    'server.config.ts':
      `export default { app: './app.js', bind: '127.0.0.1:0', access_log_format: '%(s)s ` +
      `%(U)s', ` +
      `${settings} }\n`,
  })
}

async function askMany(server: RunningServer, count: number, path = '/', clients = 8): Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 })
  let next = 0
  const client = async (): Promise<void> => {
    while (next < count) assert.equal((await ask(server.url, `${path}${next++}`, { agent })).status, 200)
  }
  await Promise.all(Array.from({ length: clients }, client))
  agent.destroy()
}

test('each log goes where its setting says: a file, standard output and error, or nowhere', async (t) => {
  const files = projectWith(t, `accesslog: 'a.log', errorlog: 'e.log', applog: 'p.log'`)
  const standard = projectWith(t, `accesslog: '-', errorlog: '-', applog: '-'`)
  const nowhere = projectWith(t, `accesslog: null, errorlog: null, applog: null`)
  const servers = await Promise.all([files, standard, nowhere].map((project) => startServer(project)))
  for (const server of servers) {
    await ask(server.url, '/print')
    await server.stop()
  }
  const [inFiles, onStandard, silent] = servers
  assert.equal(inFiles?.stdout, '')
  assert.match(inFiles?.stderr ?? '', /^tsgun: serving at .*\n$/)
  assert.equal(files.read('a.log'), '200 /print\n')
  assert.match(files.read('p.log'), /^\[.*\] \[INFO\] \[worker 0\] printed \/print\n$/)
  assert.match(
    files.read('e.log'),
    /starts .*access_log=\S+\/a\.log error_log=\S+\/e\.log app_log=\S+\/p\.log\n.* stopped\n$/s,
  )
  assert.match(onStandard?.stdout ?? '', /^200 \/print$/m)
  assert.match(onStandard?.stdout ?? '', /\[worker 0\] printed \/print$/m)
  assert.match(onStandard?.stderr ?? '', /access_log=stdout error_log=stderr app_log=stdout/)
  assert.equal((silent?.stdout ?? '') + (silent?.stderr ?? ''), '')
})

test('the start logs what an operator needs to know, and the end logs that it is the end', async (t) => {
  const project = projectWith(t, `workers: 2, errorlog: 'e.log', log_format: 'json'`)
  const server = await startServer(project)
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    version: string
  }
  await server.stop()
  const records = recordsOf<Record<string, unknown>>(project, 'e.log')
  const [first = {}, second = {}] = records
  assert.equal(first['pid'], server.pid)
  assert.match(
    String(first['msg']),
    new RegExp(`^tsgun ${version} starts \\./app\\.js with 2 workers of class async on Node\\.js v\\d+`),
  )
  assert.equal(first['config'], project.path('server.config.ts'))
  assert.deepEqual(
    [first['access_log'], first['error_log'], first['app_log']],
    ['none', project.path('e.log'), 'stdout'],
  )
  assert.equal(second['msg'], `listening at ${server.url} (master pid ${server.pid})`)
  assert.equal(records.at(-1)?.['msg'], 'stopped')
})

test('three logs in one file do not tear each other, and the file belongs to its owner and group', async (t) => {
  const project = projectWith(t, `workers: 2, accesslog: 'all.log', errorlog: './all.log', applog: 'all.log'`)
  const server = await startServer(project)
  await askMany(server, 2000, '/print')
  await server.stop()
  const lines = project.read('all.log').split('\n').slice(0, -1)
  for (const line of lines) assert.match(line, /^(200 \/print\d+|\[[^\]]+\] \[\d+\] \[INFO\] .*)$/)
  assert.equal(lines.filter((line) => line.startsWith('200 ')).length, 2000)
  assert.equal(lines.filter((line) => line.includes('printed ')).length, 2000)
  assert.equal(statSync(project.path('all.log')).mode & 0o777, 0o640 & ~process.umask())
})

test('the stop does not wait for a request this late', async (t) => {
  const missing = launch(projectWith(t, `accesslog: 'none/a.log'`))
  assert.deepEqual(await missing.exit(), { code: 1, signal: null })
  assert.match(missing.stderr, /^accesslog: cannot open .*none\/a\.log: directory .*none does not exist\n$/)
  assert.ok(!readdirSync(missing.project.directory).includes('none'))
  if (process.geteuid?.() === 0) return
  const closed = projectWith(t, `applog: 'closed.log'`)
  writeFileSync(closed.path('closed.log'), '', { mode: 0o400 })
  const refused = launch(closed)
  assert.deepEqual(await refused.exit(), { code: 1, signal: null })
  assert.match(refused.stderr, /^applog: cannot open .*closed\.log: EACCES/)
})

test('USR1 reopens the files; one that cannot be opened stays in use, and that is logged', async (t) => {
  const project = projectWith(t, `accesslog: 'logs/a.log'`)
  mkdirSync(project.path('logs'))
  const server = await startServer(project)
  await ask(server.url, '/1')
  await server.until('the line', () => project.read('logs/a.log') === '200 /1\n')
  renameSync(project.path('logs'), project.path('moved'))
  server.signal('SIGUSR1')
  await server.says(
    /a log file could not be reopened, the old one stays open: access log .*a\.log: directory .* does not exist/,
  )
  await ask(server.url, '/2')
  await server.until('the line', () => project.read('moved/a.log') === '200 /1\n200 /2\n')
  mkdirSync(project.path('logs'))
  server.signal('SIGUSR1')
  await server.says(/log files reopened/)
  await ask(server.url, '/3')
  await server.until('the line', () => project.read('logs/a.log') === '200 /3\n')
  await server.stop()
})

test('a full disk affects no request; lines wait, none is torn or lost, and the recovery is logged', async (t) => {
  const project = projectWith(
    t,
    `workers: 2, accesslog: 'disk/a.log', access_log_format: '%(s)s %(U)s ${'x'.repeat(200)}'`,
  )
  const disk = smallDisk(project, 131_072)
  if (disk === undefined) return t.skip('only root may mount a small file system')
  const server = await startServer(project)
  await askMany(server, 1500)
  await server.says(/cannot write the log .*a\.log: ENOSPC/)
  assert.equal((await ask(server.url, '/while')).status, 200)
  growDisk(disk, 16_777_216)
  await server.says(/the log .*a\.log can be written again/)
  await server.stop()
  assert.equal(server.stderr.match(/cannot write the log/g)?.length, 1, 'logged once')
  assert.doesNotMatch(server.stderr, /had to be dropped/)
  const lines = project.read('disk/a.log').split('\n').slice(0, -1)
  for (const line of lines) assert.match(line, /^200 \/(\d+|while) x{200}$/)
  assert.equal(new Set(lines).size, 1501)
  assert.equal(lines.length, 1501)
})

test('lines that fit neither on a full disk nor in memory are dropped, counted, and logged when the disk has room again', async (t) => {
  const wide = 'x'.repeat(30_000)
  const project = projectWith(t, `accesslog: 'disk/a.log', access_log_format: '%(s)s %(U)s ${wide}'`)
  const disk = smallDisk(project, 1_048_576)
  if (disk === undefined) return t.skip('only root may mount a small file system')
  const server = await startServer(project)
  await askMany(server, 1000, '/', 1)
  await server.says(/cannot write the log/)
  const resident = residentBytes(server.pid) / 1024
  assert.ok(resident < 300_000, `the master takes ${resident} kB`)
  growDisk(disk, 67_108_864)
  await server.says(/\d+ lines of the access log had to be dropped/)
  await server.stop()
  // A worker drops lines too, if the master is too busy to read them.
  const reports = [
    ...server.stderr.matchAll(
      /(\d+) lines of the access log had to be dropped|in time log=access lines=(\d+)/g,
    ),
  ]
  const dropped = reports.reduce((sum, [, master, worker]) => sum + Number(master ?? worker), 0)
  const lines = project.read('disk/a.log').split('\n').slice(0, -1)
  assert.equal(lines.length + dropped, 1000)
  assert.ok(lines.every((line) => /^200 \/\d+ x{30000}$/.test(line)) && dropped > 0)
})

test('a disk that is full for some time under load affects no request, memory stays bounded, and each line is in the file or counted', async (t) => {
  await fillDisk(t)
})

test('a disk that is full until the end costs the lines that do not fit, and the error log has their number', async (t) => {
  const project = projectWith(
    t,
    `accesslog: 'disk/a.log', access_log_format: '%(s)s %(U)s ${'x'.repeat(2000)}'`,
  )
  if (smallDisk(project, 65_536) === undefined) return t.skip('only root may mount a small file system')
  const server = await startServer(project)
  await askMany(server, 100)
  await server.says(/cannot write the log/)
  await server.stop()
  const written = project.read('disk/a.log').split('\n').length - 1
  assert.match(server.stderr, new RegExp(`${100 - written} lines of the access log had to be dropped`))
})

test('a master that is stopped for a moment delays no request, and its log has every line afterwards', async (t) => {
  const project = projectWith(t, `workers: 2, accesslog: 'a.log'`)
  const server = await startServer(project)
  server.signal('SIGSTOP')
  try {
    await askMany(server, 5000)
  } finally {
    server.signal('SIGCONT')
  }
  await server.until('all lines', () => project.read('a.log').split('\n').length === 5001)
  assert.equal(new Set(project.read('a.log').split('\n')).size, 5001)
  assert.equal((await ask(server.url)).status, 200)
  assert.doesNotMatch(server.stderr, /is aborted|died/)
  await server.stop()
})

test('a reader of standard output that exits ends neither the master nor a request', async (t) => {
  const project = projectWith(t, `accesslog: '-', errorlog: 'e.log'`)
  const server = await startServer(project)
  server.child.stdout?.destroy()
  await askMany(server, 20, '/print')
  await server.until('the failure to be logged', () =>
    /cannot write the log stdout: .*EPIPE/.test(project.read('e.log')),
  )
  assert.equal((await ask(server.url)).status, 200)
  await server.stop()
  assert.match(project.read('e.log'), /\d+ lines of the access and app log had to be dropped/)
})

test('a reader of standard output that reads nothing delays no request and no signal', async (t) => {
  const project = projectWith(
    t,
    `accesslog: '-', errorlog: 'e.log', access_log_format: '%(s)s %(U)s ${'x'.repeat(5000)}'`,
  )
  const server = await startServer(project)
  server.child.stdout?.pause()
  await askMany(server, 500)
  server.signal('SIGTTIN')
  await server.until('a second worker', () => project.read('e.log').split('is ready after').length === 3)
  server.child.stdout?.resume()
  await server.stop()
  assert.equal(server.stdout.match(/^200 \/\d+ x{5000}$/gm)?.length, 500)
})

test('a reader of standard output that never reads again delays the end only briefly, and the log counts the lost lines', async (t) => {
  const project = projectWith(
    t,
    `accesslog: '-', errorlog: 'e.log', access_log_format: '%(s)s %(U)s ${'x'.repeat(5000)}'`,
  )
  const server = await startServer(project)
  server.child.stdout?.pause()
  await askMany(server, 200)
  server.signal('SIGTERM')
  await server.until('the exit', () => server.hasExited)
  assert.equal(server.child.exitCode, 0)
  const lost = Number(
    /(\d+) lines of the access and app log had to be dropped/.exec(project.read('e.log'))?.[1],
  )
  assert.ok(lost > 0 && lost <= 200, `${lost}`)
  server.child.stdout?.resume()
})

test('an app that writes into descriptor 4 loses no log line, and the error log names the worker', async (t) => {
  const project = projectWith(t, `accesslog: 'a.log'`)
  const server = await startServer(project)
  for (let number = 0; number < 20; number += 1)
    await ask(server.url, number % 2 === 0 ? '/garbage' : `/${number}`)
  await server.stop()
  assert.match(server.stderr, /worker 0 \(pid \d+\) has written \d+ bytes to descriptor 4/)
  assert.equal(project.read('a.log').split('\n').length, 21)
  assert.match(project.read('a.log'), /^(200 \/\w+\n)*$/)
})

test('lines of a worker that is killed are in the access log', async (t) => {
  const project = projectWith(t, `accesslog: 'a.log'`)
  const server = await startServer(project)
  for (let number = 0; number < 3; number += 1) {
    const [pid = 0] = server.workerPids
    await ask(server.url, `/${number}`)
    // a client has its response a moment before the line is written; the one before it is done
    await ask(server.url, '/after')
    killProcess(pid, 'SIGKILL')
    await server.says(/is ready after/, number + 2)
  }
  await server.stop()
  assert.deepEqual(project.read('a.log').match(/^200 \/\d$/gm), ['200 /0', '200 /1', '200 /2'])
})

test('after 2>&1 all logs are one stream, and no line is torn', async (t) => {
  const project = projectWith(
    t,
    `workers: 2, accesslog: '-', access_log_format: '%(s)s %(U)s ${'x'.repeat(3000)}'`,
  )
  const shell = spawn('sh', ['-c', `exec "${nodeBinary}" "${join(repository, 'bin/tsgun.js')}" 2>&1`], {
    cwd: project.directory,
    env: { ...cleanEnvironment(), TMPDIR: project.path('tmp') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  shell.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  project.onEnd(async () => void shell.kill('SIGKILL'))
  while (!output.includes('workers are ready')) await once(shell.stdout, 'data')
  const url = /listening at (\S+)/.exec(output)?.[1] ?? ''
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 })
  await Promise.all(Array.from({ length: 300 }, (_, number) => ask(url, `/print${number}`, { agent })))
  agent.destroy()
  shell.kill('SIGTERM')
  await once(shell, 'close')
  for (const line of output.split('\n').slice(0, -1))
    assert.match(line, /^(200 \/print\d+ x{3000}|\[[^\]]+\] \[\d+\] \[INFO\] .*)$/)
  rmSync(project.path('tmp'), { recursive: true })
})
