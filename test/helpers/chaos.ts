// Random faults of workers under load: each may cost only the requests on the worker that it hits. The short
// form runs with all tests, ten minutes of it with `npm run test:soak`.

import assert from 'node:assert/strict'
import { rmSync, statSync } from 'node:fs'
import http from 'node:http'
import type { TestContext } from 'node:test'
import { ask } from './http.ts'
import { Load } from './load.ts'
import { killProcess, residentBytes } from './processes.ts'
import { recordsOf } from './records.ts'
import { createProject, startServer, type Project, type RunningServer } from './tsgun.ts'

const workers = 4
/** Bytes by which the master may grow. */
const growthLimit = 40 * 1_048_576

const app = `import { appendFileSync, existsSync } from 'node:fs'
if (existsSync('broken')) {
  appendFileSync('failed-boots', 'x')
  throw new Error('this app does not boot at the moment')
}
const hog = []
export default (req, res) => {
  if (req.url === '/block') for (;;);
  if (req.url === '/exit') process.exit(7)
  if (req.url === '/throw') setImmediate(() => { throw new Error('not caught') })
  if (req.url === '/hog') for (;;) hog.push(new Array(1e6).fill(hog.length))
  res.end(String(process.pid))
}
`

const config = `export default { app: './app.js', bind: '127.0.0.1:0', workers: ${workers}, timeout: 4, boot_timeout: 60, log_format: 'json',
  errorlog: 'error.log', env: { NODE_OPTIONS: '--max-old-space-size=64' } }
`

/**
 * Each fault hits a worker and resolves with its pid; the other fields are those of the record of its end.
 */
const faults = {
  kill: { hit: signalled('SIGKILL'), endedBy: 'other', reason: 'signal' },
  stop: { hit: signalled('SIGSTOP'), endedBy: 'tsgun', reason: 'timeout' },
  block: { hit: asked('/block'), endedBy: 'tsgun', reason: 'timeout' },
  exit: { hit: asked('/exit'), endedBy: 'itself', reason: 'exit' },
  throw: { hit: asked('/throw'), endedBy: 'itself', reason: 'exit' },
  hog: { hit: asked('/hog'), endedBy: 'itself', reason: 'oom' },
} as const

type Fault = keyof typeof faults

interface Fixture {
  readonly server: RunningServer
  readonly project: Project
  readonly random: (below: number) => number
}

/** Sends the request on a connection to one worker, whose pid the first request on it returns. */
function asked(path: string): (fixture: Fixture) => Promise<number> {
  return async ({ server }) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const { body } = await ask(server.url, '/', { agent })
    const end = (): void => agent.destroy() // the worker dies of it, with or without a response
    void ask(server.url, path, { agent }).then(end, end)
    return Number(body)
  }
}

function signalled(signal: NodeJS.Signals): (fixture: Fixture) => Promise<number> {
  return ({ server, random }) => {
    const pids = server.workerPids
    const pid = pids[random(pids.length)] ?? 0
    killProcess(pid, signal)
    return Promise.resolve(pid)
  }
}

/** The fields of the error log's records that the test reads. */
interface LogEntry {
  readonly msg: string
  readonly worker_pid?: number
  readonly ended_by?: string
  readonly reason?: string
  readonly stuck_in?: string
}

/** `faultCount`: how often a worker is hit, one after the other. */
export async function chaos(
  t: TestContext,
  { faultCount, seed }: { readonly faultCount: number; readonly seed: number },
): Promise<void> {
  const project = createProject(t, { 'app.js': app, 'server.config.js': config })
  const server = await startServer(project)
  const load = new Load(server.url, { kept: 16 })
  const random = seeded(seed)
  const hit = new Map<number, Fault>()
  const kinds = Object.keys(faults) as Fault[] // the keys of a constant object
  let memory = 0
  try {
    for (let round = 0; round < faultCount; round += 1) {
      const kind = kinds[random(kinds.length)] ?? 'kill'
      const boots = random(5) > 0
      const failedBoots = bootFailures(project)
      if (!boots) project.write('broken', '')
      const pid = await faults[kind].hit({ server, project, random })
      hit.set(pid, kind)
      await server.until(`the end of ${pid} by ${kind}`, () =>
        endsOf(project).some(({ worker_pid }) => worker_pid === pid),
      )
      if (!boots) await server.until('a failing boot', () => bootFailures(project) > failedBoots)
      rmSync(project.path('broken'), { force: true })
      await server.until(`${workers} workers to be ready`, () => readyNow({ server, project }) === workers)
      if (round === Math.floor(faultCount / 3)) memory = residentBytes(server.pid)
    }
    const growth = residentBytes(server.pid) - memory
    assert.ok(growth < growthLimit, `the master has grown by ${growth} bytes`)
  } finally {
    await load.stop()
  }
  await server.stop()
  checkRecords(project, hit, load)
  t.diagnostic(
    `${faultCount} faults, seed ${seed}: ${load.responseCount} responses, ${load.failures.length} failures`,
  )
}

function entries(project: Project): LogEntry[] {
  return recordsOf<LogEntry>(project, 'error.log')
}

function endsOf(project: Project): LogEntry[] {
  return entries(project).filter(({ ended_by }) => ended_by !== undefined)
}

function bootFailures(project: Project): number {
  return statSync(project.path('failed-boots'), { throwIfNoEntry: false })?.size ?? 0
}

/** Returns how many of the running workers are logged as ready. */
function readyNow({ server, project }: Pick<Fixture, 'server' | 'project'>): number {
  const ready = new Set(
    entries(project).flatMap(({ msg }) => /\(pid (\d+)\) is ready after/.exec(msg)?.slice(1) ?? []),
  )
  return server.workerPids.filter((pid) => ready.has(String(pid))).length
}

function checkRecords(project: Project, hit: ReadonlyMap<number, Fault>, { failures }: Load): void {
  const ends = endsOf(project)
  for (const [pid, kind] of hit) {
    const [end, ...more] = ends.filter(({ worker_pid }) => worker_pid === pid)
    assert.equal(more.length, 0, `worker ${pid} has ${1 + more.length} records of its end`)
    assert.deepEqual(
      [end?.ended_by, end?.reason],
      [faults[kind].endedBy, faults[kind].reason],
      `${kind}: ${end?.msg}`,
    )
    if (kind !== 'block') continue
    const records = entries(project).filter(({ worker_pid }) => worker_pid === pid)
    const reports = records.filter(({ stuck_in }) => stuck_in === 'javascript')
    assert.equal(reports.length, 1, `one report of what blocks it: ${JSON.stringify(records)}`)
  }
  const others = ends.filter(
    ({ worker_pid = 0, reason, msg }) =>
      !hit.has(worker_pid) && reason !== 'stop' && !/before it was ready/.test(msg),
  )
  assert.deepEqual(others, [], 'a worker ended without a fault')
  for (const { last, reason } of failures)
    assert.ok(
      last === undefined || hit.has(Number(last)),
      `a request on worker ${last}, which was not hit, failed: ${reason}`,
    )
}

/** Returns a generator of integers below a bound: the same for the same seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}
