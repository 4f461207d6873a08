// The long forms of the tests of services and schedules: random kills, reloads, upgrades and new numbers of
// processes. SOAK_MINUTES sets how long (default: 10).

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WorkersResponse } from '../../src/control/protocol.ts'
import { tsgunctl } from '../helpers/control.ts'
import { ask } from '../helpers/http.ts'
import { groupMembers, isAlive, killIfRunning, killProcess } from '../helpers/processes.ts'
import { onlyModule, ranAlone } from '../helpers/service-app.ts'
import { createProject, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const minutes = Number(process.env['SOAK_MINUTES'] ?? 10)

const app = 'export default (req, res) => res.end(String(process.pid))\n'

const config = `export default { app: './app.js', bind: '127.0.0.1:0', workers: 2, control_socket: 'ctl.sock',
  errorlog: 'error.log', log_format: 'json', schedules_file: 'times.json',
  services: { live: { app: './app.js', bind: 'unix:live.sock', workers: 1, after: ['only'] },
    only: { run: './only.js' }, feed: { command: ['sleep', '100000'] } },
  schedules: { tick: { cron: '* * * * * *', run: './tick.js' } } }\n`

const tick = `import { appendFileSync } from 'node:fs'
export const run = ({ time }) => appendFileSync('ticks.txt', time.toISOString() + '\\n')\n`

/** The same numbers for the same seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * below)
  }
}

/** Every service has its processes, they serve, and no reload is in progress. */
async function isWhole(project: Project): Promise<boolean> {
  const status = await tsgunctl(project, 'status').catch(() => '')
  if (!/^state +serving/.test(status)) return false
  const services = [...status.matchAll(/(\d+) of (\d+) ready/g)]
  if (services.length < 4 || services.some(([, ready, wanted]) => ready !== wanted)) return false
  return (await ask(`unix:${project.path('live.sock')}`, '/').catch(() => undefined))?.status === 200
}

class Fleet {
  readonly #project: Project
  readonly #server: RunningServer
  master: number
  readonly killed: number[] = []

  constructor(project: Project, server: RunningServer) {
    this.#project = project
    this.#server = server
    this.master = server.pid
  }

  async kill(random: (below: number) => number): Promise<void> {
    const { workers } = JSON.parse(await tsgunctl(this.#project, '--json', 'workers')) as WorkersResponse
    const pids = workers.flatMap(({ pid }) => (pid === null ? [] : [pid]))
    const pid = pids[random(pids.length)]
    if (pid === undefined) return
    this.killed.push(pid)
    killIfRunning(pid) // a run may be over
  }

  reload(): void {
    killProcess(this.master, 'SIGHUP')
  }

  async scale(random: (below: number) => number): Promise<void> {
    await tsgunctl(this.#project, 'scale', 'live', String(1 + random(3)))
  }

  async upgrade(): Promise<void> {
    const old = this.master
    killProcess(old, 'SIGUSR2')
    const next = await eventually('the new master', () => {
      const found = /upgrade: the new master (\d+) serves beside this one/g
      const last = [...this.#project.read('error.log').matchAll(found)].at(-1)?.[1]
      return last !== undefined && Number(last) !== old ? Number(last) : undefined
    })
    killProcess(old, 'SIGTERM')
    await eventually('the end of the old master', () => (isAlive(old) ? undefined : true))
    this.master = next
  }

  async stop(): Promise<void> {
    killProcess(this.master, 'SIGTERM')
    await eventually('the end', () => (groupMembers(this.#server.pid).length > 0 ? undefined : true))
  }
}

test(`services and schedules through ${minutes} minutes of kills, reloads, upgrades and scaling`, async (t) => {
  const project = createProject(t, {
    'app.js': app,
    'only.js': onlyModule,
    'tick.js': tick,
    'ticks.txt': '',
    'server.config.js': config,
  })
  const server = await startServer(project)
  const fleet = new Fleet(project, server)
  const random = randomFrom(Number(process.env['TSGUN_SEED'] ?? 20_261_130))
  const end = performance.now() + minutes * 60_000
  for (let step = 0; performance.now() < end; step += 1) {
    const what = random(10)
    if (what < 6) await fleet.kill(random)
    else if (what < 8) fleet.reload()
    else if (what < 9) await fleet.scale(random)
    else await fleet.upgrade()
    await eventually(`all services after step ${step} (${what})`, async () =>
      (await isWhole(project)) ? true : undefined,
    )
    ranAlone(project)
  }
  await fleet.stop()

  const times = project.read('ticks.txt').trim().split('\n')
  assert.equal(new Set(times).size, times.length, 'one time has had two runs')
  const records = project.read('error.log').trim().split('\n')
  const ended = records
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .filter(({ event }) => event === 'worker_ended')
  const deaths = ended.map((record) => record['worker_pid'])
  // in ten minutes the kernel gives out its process ids again
  const processes = ended.map(({ pid, age, worker_pid }) => [pid, age, worker_pid].join())
  assert.equal(new Set(processes).size, ended.length, 'a death has two records')
  const silent = fleet.killed.filter((pid) => !deaths.includes(pid))
  t.diagnostic(`${fleet.killed.length} kills, ${ranAlone(project).length} instances, ${times.length} ticks`)
  assert.deepEqual(silent, [], 'killed without a record')
})
