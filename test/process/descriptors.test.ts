// Who has which descriptor: a worker has none of the files of the master, and what an app or a hook starts
// has none of tsgun's. A child that kept a listening socket, a log or the lock of the pidfile would outlive
// the server with it.

import assert from 'node:assert/strict'
import { readdirSync, readlinkSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { hasCode } from '../../src/os/error-code.ts'
import { ask, connectTo } from '../helpers/http.ts'
import { isAlive, killIfRunning, killProcess } from '../helpers/processes.ts'
import { createProject, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'

/** Prints the open files of its own process as JSON; the parent may be a worker, a thread or the master. */
const child = `import { readdirSync, readlinkSync } from 'node:fs'
const links = readdirSync('/proc/self/fd').flatMap((fd) => {
  try { return Number(fd) > 2 ? [readlinkSync('/proc/self/fd/' + fd)] : [] } catch { return [] }
})
const text = JSON.stringify(links)
if (process.send) process.send(text)
else console.log(text)
`

/** Starts \`child.js\` in each way that Node has; resolves with the files of each child. */
const ways = `import { execFile, execFileSync, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
const file = process.cwd() + '/child.js'
const text = async (stream) => { let all = ''; for await (const chunk of stream) all += chunk; return all }
const inThread = \`const { execFileSync } = require('node:child_process')
require('node:worker_threads').parentPort.postMessage(execFileSync(process.execPath, ['\${file}'], { encoding: 'utf8' }))\`
export const all = {
  execFile: () => new Promise((done, fail) => execFile(process.execPath, [file], (error, out) => error ? fail(error) : done(out))),
  execFileSync: () => execFileSync(process.execPath, [file], { encoding: 'utf8' }),
  fork: async () => (await once(fork(file), 'message'))[0],
  spawn: () => text(spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout),
  shell: () => text(spawn(\`"\${process.execPath}" "\${file}"\`, { shell: true, detached: true, stdio: ['inherit', 'pipe', 'inherit'] }).stdout),
  thread: async () => (await once(new Worker(inThread, { eval: true }), 'message'))[0],
}
export const tryAll = async () => {
  const found = {}
  for (const [name, start] of Object.entries(all)) found[name] = JSON.parse(await start())
  return found
}
`

const app = `import { spawn } from 'node:child_process'
import { tryAll } from './ways.js'
export default async (req, res) => {
  if (req.url !== '/stay') return res.end(JSON.stringify({ pid: process.pid, found: await tryAll() }))
  const stays = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
  stays.unref()
  res.end(String(stays.pid))
}\n`

const config = `import { writeFileSync } from 'node:fs'
import { tryAll } from './ways.js'
export default { app: './app.js', bind: ['127.0.0.1:0', 'unix:app.{nr}.sock'], workers: 2, worker_connections: 2,
  accesslog: 'access.log', errorlog: 'error.log', pidfile: 'server.pid', control_socket: 'control.sock',
  when_ready: async () => writeFileSync('master.json', JSON.stringify(await tryAll())) }\n`

const start = (t: TestContext): Promise<RunningServer> => startServer(projectOf(t))

function projectOf(t: TestContext): Project {
  return createProject(t, {
    'app.js': app,
    'child.js': child,
    'ways.js': ways,
    'server.config.js': config,
  })
}

/** What the descriptors of a process mean, by their numbers; one may be closed while they are read. */
function linksOf(pid: number | 'self'): ReadonlyMap<number, string> {
  const links = new Map<number, string>()
  for (const fd of readdirSync(`/proc/${pid}/fd`))
    try {
      links.set(Number(fd), readlinkSync(`/proc/${pid}/fd/${fd}`))
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error
    }
  return links
}

/** What the tests were started with: Node passes on what it has not opened itself. */
const ofTests = new Set(linksOf('self').values())

/** The files above 2, without those that each process has of its own. */
function filesOf(pid: number): readonly string[] {
  return [...linksOf(pid)].flatMap(([fd, link]) => {
    const isUsual = /^(?:anon_inode:|\/dev\/(?:null|u?random)$)/.test(link)
    return fd <= 2 || isUsual || ofTests.has(link) ? [] : [link]
  })
}

function assertNone(
  found: Readonly<Record<string, readonly string[]>>,
  pids: readonly number[],
  who: string,
): void {
  const owned = new Set(pids.flatMap(filesOf))
  assert.ok(owned.size >= 6, `${who}: ${[...owned].join()}`)
  assert.equal(Object.keys(found).length, 6)
  for (const [way, links] of Object.entries(found))
    assert.deepEqual(
      links.filter((link) => owned.has(link)),
      [],
      `${who}, ${way}`,
    )
}

interface Report {
  readonly pid: number
  readonly found: Readonly<Record<string, readonly string[]>>
}

async function reportOf({ project }: RunningServer, nr: number): Promise<Report> {
  return JSON.parse((await ask(`unix:${project.path(`app.${nr}.sock`)}`)).body) as Report
}

test('children of the app inherit nothing of tsgun, in whatever way and by whichever worker they are started', async (t) => {
  const server = await start(t)
  const { project } = server
  const check = async (nr: number, what: string): Promise<void> => {
    const { pid, found } = await reportOf(server, nr)
    assertNone(found, [pid, server.pid], what)
  }
  await check(0, 'the worker that is started early')
  await check(1, 'another worker')
  // A full worker closes its sockets, and listens later on duplicates of them.
  const full = [1, 2].map(() => connectTo(`unix:${project.path('app.0.sock')}`))
  await new Promise((wait) => setTimeout(wait, 100))
  for (const socket of full) socket.destroy()
  await check(0, 'a worker that was full')
  killProcess(server.pid, 'SIGHUP')
  await server.until('the reload', () => /reload done/.test(project.read('error.log')))
  await check(0, 'a worker of a reload')
  await server.stop()
})

test('children of the hooks in the master inherit nothing of it, also after an upgrade', async (t) => {
  const server = await start(t)
  const { project } = server
  const found = (): Report['found'] => JSON.parse(project.read('master.json')) as Report['found']
  assertNone(found(), [server.pid], 'the master')
  killProcess(server.pid, 'SIGUSR2')
  const serving = /the new master (\d+) serves beside this one/
  await server.until('the new master', () => serving.test(project.read('error.log')))
  const next = Number(serving.exec(project.read('error.log'))?.[1])
  assertNone(found(), [next, server.pid], 'the new master')
  const { pid, found: ofApp } = await reportOf(server, 0)
  assertNone(ofApp, [pid, next, server.pid], 'a worker during an upgrade')
  killProcess(server.pid, 'SIGTERM')
  await server.until('the end of the old master', () => /upgrade done/.test(project.read('error.log')))
  const later = await reportOf(server, 0)
  assertNone(later.found, [later.pid, next], 'a worker of the new master')
  killProcess(next, 'SIGTERM')
  await server.until('the end of the new master', () => !isAlive(next))
})

/** The counters of connections that the workers share: a file without a name. */
const isCounters = (link: string): boolean => /^\/dev\/shm\/#\d+ \(deleted\)$/.test(link)

test('a worker has the listening sockets and the counters of the master, and no other file of it or of another worker', async (t) => {
  const server = await start(t)
  const reports = [await reportOf(server, 0), await reportOf(server, 1)] as const
  const [first, second] = reports.map(({ pid }) => new Set(filesOf(pid)))
  assert.ok(first && second)
  const shared = [...first].filter((link) => second.has(link))
  const master = new Set(filesOf(server.pid))
  assert.deepEqual(
    shared.filter((link) => !link.startsWith('socket:') && !isCounters(link)),
    [],
    'of another worker',
  )
  assert.equal(shared.length, 2, 'the socket that all workers accept on, and the counters')
  for (const worker of [first, second])
    assert.deepEqual(
      [...worker].filter((link) => master.has(link) && !link.startsWith('socket:') && !isCounters(link)),
      [],
    )
  const files = [...first, ...second].filter((link) => link.startsWith(server.project.directory))
  assert.deepEqual(files, [], 'logs, pidfile')
  await server.stop()
})

test('a child that outlives the server keeps neither its address nor the lock of its pidfile', async (t) => {
  const project = projectOf(t)
  const server = await startAgain(project)
  const pid = Number((await ask(server.url, '/stay')).body)
  t.after(() => killIfRunning(pid))
  await server.stop()
  assert.ok(isAlive(pid))
  const next = await startAgain(project, server.url.replace('http://', ''))
  await next.stop()
})

/** The same project on one address: the second start would be refused if anything of the first was left. */
function startAgain(project: Project, address = '127.0.0.1:0'): Promise<RunningServer> {
  return startServer(project, {
    arguments: ['-b', address, '-p', 'again.pid', '--control-socket', 'again.sock'],
  })
}
