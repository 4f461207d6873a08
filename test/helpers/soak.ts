// Load, rotations and deaths at the same time, and then a check of every line: the short form runs with all
// tests, the long one with `npm run test:soak`.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import http from 'node:http'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { ask, cutOff } from './http.ts'
import { killProcess } from './processes.ts'
import { createProject, startServer, type Project, type RunningServer } from './tsgun.ts'

export const logrotate = '/usr/sbin/logrotate'

export interface Soak {
  /** `server`: by size, with gzip. `logrotate`: by renaming and USR1. */
  readonly by: 'server' | 'logrotate'
  /** The minimum number of rotations of the access log. */
  readonly rotations: number
  /** How often a worker is killed. */
  readonly kills: number
}

interface Response {
  readonly request: number
  readonly pid: number
  /** On the monotonic clock. */
  readonly at: number
}

/** Each response is the worker's pid, and each request leaves a numbered line in the app log. */
const app = `let count = 0
export default (req, res) => {
  console.log('line ' + (count += 1) + ' ' + 'x'.repeat(count % 200))
  res.end(String(process.pid))
}
`

const clients = 16
/** Milliseconds: a response sent longer than this before its worker was killed must have a line. */
const certainAfter = 3000

export async function soak(t: TestContext, { by, rotations, kills }: Soak): Promise<void> {
  const project = createSoakProject(t, { by, rotations })
  const server = await startServer(project)
  const responses: Response[] = []
  const deaths = new Map<number, number>()
  let isOver = false
  const load = Promise.all(Array.from({ length: clients }, (_, client) => sendRequests(client)))

  async function sendRequests(client: number): Promise<void> {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    for (let request = client; !isOver; request += clients) {
      try {
        const { body } = await ask(server.url, `/${request}`, { agent })
        responses.push({ request, pid: Number(body), at: performance.now() })
      } catch (error) {
        if (!isOver) assert.match(String(error), cutOff) // its worker was killed
      }
    }
    agent.destroy()
  }

  try {
    for (let kill = 1; kill <= kills; kill += 1) {
      await rotationsReach(server, Math.round((rotations * kill) / (kills + 1)), by)
      const [pid = 0] = server.workerPids.filter((each) => !deaths.has(each)).sort(() => (kill % 2) - 0.5)
      deaths.set(pid, performance.now())
      killProcess(pid, 'SIGKILL')
    }
    await rotationsReach(server, rotations, by)
  } finally {
    isOver = true
  }
  await load
  await server.stop()
  t.diagnostic(
    `${responses.length} responses, ${countFiles(project, 'access.log')} files, ${deaths.size} workers killed`,
  )
  accountForAccess(project, responses, deaths)
  accountForApp(project)
  if (by === 'server') await compressRest(project)
}

function createSoakProject(t: TestContext, { by, rotations }: Omit<Soak, 'kills'>): Project {
  const rotation = by === 'server' ? `log_rotation: { size: '20K', compress: true, interval: '1d' },` : ''
  const project = createProject(t, {
    'app.js': app,
    'server.config.ts': `export default { app: './app.js', bind: '127.0.0.1:0', workers: 4, pidfile: 'server.pid', ${rotation}
  accesslog: 'logs/access.log', applog: 'logs/app.log', access_log_format: 'json' }\n`,
    'logs/.keep': '',
  })
  const su = process.geteuid?.() === 0 ? 'su root root' : ''
  project.write(
    'logrotate.conf',
    `${project.directory}/logs/*.log {\n rotate ${rotations + 10}\n missingok\n nocreate\n sharedscripts\n ${su}\n postrotate
    kill -USR1 $(cat ${project.path('server.pid')})\n endscript\n}\n`,
  )
  return project
}

async function rotationsReach(server: RunningServer, count: number, by: Soak['by']): Promise<void> {
  const { project } = server
  const isReached = (): boolean => countFiles(project, 'access.log') > count
  if (by === 'server') return server.until(`${count} rotations`, isReached)
  while (!isReached()) {
    const before = server.stderr.split('log files reopened').length
    await promisify(execFile)(logrotate, ['-f', '-s', project.path('state'), project.path('logrotate.conf')])
    await server.until(
      'the files to be reopened',
      () => server.stderr.split('log files reopened').length > before,
    )
  }
}

function countFiles(project: Project, log: string): number {
  return filesOf(project, log).length
}

/** In the order in which they were written. */
function filesOf(project: Project, log: string): string[] {
  const names = readdirSync(project.path('logs')).filter((name) => name.startsWith(log))
  const numbered = names.map((name) => ({ name, age: Number(/\.log\.(\d+)$/.exec(name)?.[1] ?? 0) }))
  const isNew = (name: string): boolean => name === log
  return numbered
    .sort(
      (a, b) => Number(isNew(a.name)) - Number(isNew(b.name)) || b.age - a.age || (a.name < b.name ? -1 : 1),
    )
    .map(({ name }) => name)
}

/** Returns all lines of a log, from all its files, in their order; each file must end with a whole line. */
export function linesOf(project: Project, log: string): string[] {
  return filesOf(project, log).flatMap((name) => {
    assert.doesNotMatch(name, /part$/, 'a partial file is left')
    const bytes = readFileSync(project.path(`logs/${name}`))
    const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
    assert.ok(text === '' || text.endsWith('\n'), `${name} ends with a torn line`)
    return text.split('\n').slice(0, -1)
  })
}

function accountForAccess(
  project: Project,
  responses: readonly Response[],
  deaths: ReadonlyMap<number, number>,
): void {
  const counts = new Map<number, number>()
  for (const line of linesOf(project, 'access.log')) {
    const { path } = JSON.parse(line) as { readonly path: string }
    const request = Number(path.slice(1))
    counts.set(request, (counts.get(request) ?? 0) + 1)
  }
  for (const { request, pid, at } of responses) {
    const count = counts.get(request) ?? 0
    const diedAt = deaths.get(pid)
    const isCertain = diedAt === undefined || diedAt - at > certainAfter
    assert.ok(count <= 1, `request ${request} has ${count} lines`)
    assert.ok(count === 1 || !isCertain, `request ${request} on worker ${pid} has no line`)
  }
}

/** The lines of each worker are numbered from 1, without a gap, in their order. */
function accountForApp(project: Project): void {
  const last = new Map<string, number>()
  for (const line of linesOf(project, 'app.log')) {
    const [, pid = '', digits, filling] =
      /^\[[^\]]+\] \[(\d+)\] \[INFO\] \[worker \d\] line (\d+)(?: (x+))?$/.exec(line) ?? []
    const number = Number(digits)
    assert.equal(filling?.length ?? 0, number % 200, `a torn line: ${line}`)
    assert.equal(
      number,
      (last.get(pid) ?? 0) + 1,
      `the line after ${last.get(pid)} of worker ${pid}: ${line}`,
    )
    last.set(pid, number)
  }
}

/** Files that were not compressed when the server stopped are compressed after its next start. */
async function compressRest(project: Project): Promise<void> {
  const before = linesOf(project, 'access.log').length
  const server = await startServer(project)
  const rest = (): string[] => readdirSync(project.path('logs')).filter((name) => /\.\d{4,}$/.test(name))
  await server.until('all rotated files to be compressed', () => rest().length === 0)
  await server.stop()
  assert.equal(linesOf(project, 'access.log').length, before)
}
