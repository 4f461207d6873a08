// Tasks whose processes are killed at random, calls whose clients leave, and upgrades under load: each may
// cost only what it hits. The short forms run with all tests, the long ones with `npm run test:soak`.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import http from 'node:http'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Status } from '../../src/control/protocol.ts'
import { ask } from './http.ts'
import { childrenOf, isAlive, killIfRunning, killProcess } from './processes.ts'
import { randomOf } from './raw-http.ts'
import { createProject, nodeBinary, repository, startServer, type RunningServer } from './tsgun.ts'
import { eventually, longestWait } from './wait.ts'

const callers = 12

/** `code` is that of the error of a call without a result, `master` that of the worker. */
const app = `import { task } from 'tsgun'
const work = task('work')
export default async (request, response) => {
  const input = Object.fromEntries(new URL(request.url, 'http://app').searchParams)
  const outcome = await work.run(input).catch(({ code, message, cause }) => ({ code, message }))
  response.end(JSON.stringify({ ...outcome, master: process.ppid }))
}\n`

/** The file `begun` has a line for each run. */
const module = `import { appendFileSync, existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
export default {
  async run({ name, ms, until }) {
    appendFileSync('begun', name + ' ' + process.pid + '\\n')
    while (until !== undefined && !existsSync(until)) await delay(20)
    await delay(Number(ms ?? 0))
    return { name, pid: process.pid, taskMaster: process.ppid }
  },
}\n`

interface Outcome {
  readonly master: number
  readonly code?: string
  readonly message?: string
  readonly name?: string
  readonly pid?: number
  /** The parent of the task process. */
  readonly taskMaster?: number
}

interface Run {
  readonly name: string
  readonly pid: number
}

interface Pool {
  readonly processes: number
  readonly maxQueue: number
}

function startPool(t: TestContext, { processes, maxQueue }: Pool): Promise<RunningServer> {
  const pool = `{ module: './work.task.js', processes: ${processes}, max_queue: ${maxQueue} }`
  const project = createProject(t, {
    'app.js': app,
    'work.task.js': module,
    begun: '',
    'server.config.js': `export default { app: './app.js', bind: '127.0.0.1:0', workers: 2, keepalive: 30,
      pidfile: 'server.pid', control_socket: 'control.sock', tasks: { work: ${pool} } }\n`,
  })
  return startServer(project)
}

function runsIn({ project }: RunningServer): readonly Run[] {
  const lines = project.read('begun').split('\n').slice(0, -1)
  return lines.map((line) => {
    const [name = '', pid] = line.split(' ')
    return { name, pid: Number(pid) }
  })
}

async function outcomeOf(
  { url }: RunningServer,
  input: Readonly<Record<string, string>>,
  agent?: http.Agent,
): Promise<Outcome> {
  const path = `/?${new URLSearchParams(input).toString()}`
  const { status, body } = await Promise.race([
    ask(url, path, agent ? { agent } : {}),
    delay(longestWait, undefined, { ref: false }).then(() => assert.fail(`no response of ${path}`)),
  ])
  assert.equal(status, 200, body)
  return JSON.parse(body) as Outcome
}

/** Calls one after the other from each caller, until `next` returns nothing. */
async function callAll(
  server: RunningServer,
  next: () => Readonly<Record<string, string>> | undefined,
): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map<string, Outcome>()
  await Promise.all(
    Array.from({ length: callers }, async () => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      for (let input = next(); input !== undefined; input = next())
        outcomes.set(input['name'] ?? '', await outcomeOf(server, input, agent))
      agent.destroy()
    }),
  )
  return outcomes
}

/** Kills task processes at random while this many tasks run; only what they run may fail. */
export async function killTaskProcesses(
  t: TestContext,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<void> {
  const processes = 4
  const server = await startPool(t, { processes, maxQueue: 256 })
  const before = await eventually('all processes', settledThings(server, processes))
  const random = randomOf(seed)
  const victims = new Victims(server, random)
  const killed = new Set<number>()
  let [begun, isOver] = [0, false]
  const outcomes = callAll(server, () => {
    if (begun === count) return undefined
    begun += 1
    return { name: `task-${begun}`, ms: String(Math.floor(random() * 20)) }
  }).finally(() => (isOver = true))
  outcomes.catch(() => undefined) // awaited below
  while (!isOver) {
    await delay(random() * 300)
    const pid = victims.next()
    if (pid === undefined) continue
    killed.add(pid)
    killIfRunning(pid)
  }
  const lost = checkOutcomes(await outcomes, runsIn(server), killed)
  t.diagnostic(`${count} tasks, ${killed.size} kills, ${lost} lost, seed ${seed}`)
  await eventually(
    'all processes with the same descriptors and sockets as before',
    () => (JSON.stringify(thingsOf(server, processes)) === JSON.stringify(before) ? true : undefined),
    () => `${JSON.stringify(before)}\n${JSON.stringify(thingsOf(server, processes))}\n${server.report()}`,
  )
  await server.stop()
}

/** Milliseconds: a process that ends sooner after it became ready counts as a failure. */
const failsWithin = 1100

/** Processes at random, mostly those that have run for so long that they are replaced at once. */
class Victims {
  readonly #server: RunningServer
  readonly #random: () => number
  readonly #seenAt = new Map<number, number>()

  constructor(server: RunningServer, random: () => number) {
    this.#server = server
    this.#random = random
  }

  next(): number | undefined {
    const now = performance.now()
    const ready = readyTasks(this.#server)
    for (const pid of ready) if (!this.#seenAt.has(pid)) this.#seenAt.set(pid, now)
    const old = ready.filter((pid) => now - (this.#seenAt.get(pid) ?? now) > failsWithin)
    const pids = this.#random() < 0.1 ? ready : old
    return pids[Math.floor(this.#random() * pids.length)]
  }
}

/**
 * Each was run once at most, and a process that was killed has lost one task at most: it runs one at a time.
 * It may have begun that one without having come to the first line of its code.
 */
function checkOutcomes(
  outcomes: ReadonlyMap<string, Outcome>,
  runs: readonly Run[],
  killed: ReadonlySet<number>,
): number {
  const ranIn = new Map(runs.map(({ name, pid }) => [name, pid]))
  assert.equal(ranIn.size, runs.length, 'a task was run twice')
  const lostBy: (number | undefined)[] = []
  for (const [name, { code, message, ...result }] of outcomes) {
    const pid = ranIn.get(name)
    if (code === undefined) {
      assert.deepEqual([result.name, result.pid], [name, pid])
      continue
    }
    assert.equal(code, 'TASK_LOST', name)
    assert.match(message ?? '', /its process ended [\d.]+ s after it had begun$/)
    assert.ok(pid === undefined || (killed.has(pid) && !lostBy.includes(pid)), `${name} was lost by ${pid}`)
    lostBy.push(pid)
  }
  assert.ok(lostBy.length <= killed.size, `${lostBy.length} tasks were lost`)
  return lostBy.length
}

/** Of the generation that serves. */
function readyTasks(server: RunningServer): readonly number[] {
  const ready = [...server.stderr.matchAll(/task process work \d+ \(pid (\d+)\) is ready/g)]
  const alive = childrenOf(server.pid)
  return ready.map(([, pid]) => Number(pid)).filter((pid) => alive.includes(pid))
}

interface Things {
  /** Numbers of descriptors. */
  readonly master: number
  readonly workers: readonly number[]
  readonly tasks: readonly number[]
  readonly files: number
}

/** What may not grow; undefined while not all processes are ready. */
function thingsOf(server: RunningServer, processes: number): Things | undefined {
  const tasks = readyTasks(server)
  if (tasks.length !== processes) return undefined
  const workers = childrenOf(server.pid).filter((pid) => !tasks.includes(pid))
  return {
    master: descriptorsOf(server.pid),
    workers: workers.map(descriptorsOf),
    tasks: tasks.map(descriptorsOf).sort(),
    files: readdirSync(server.project.path('tmp'), { recursive: true }).length,
  }
}

/** The same, undefined also while they change: a process that has just booted closes what it has read. */
function settledThings(server: RunningServer, processes: number): () => unknown {
  let last: unknown
  return () => {
    const [before, now] = [last, thingsOf(server, processes)]
    last = now
    return isDeepStrictEqual(before, now) && new Set(now?.tasks).size === 1 ? now : undefined
  }
}

/** 0 for a process that has just exited. */
function descriptorsOf(pid: number): number {
  const directory = `/proc/${pid}/fd`
  try {
    return readdirSync(directory).length
  } catch (error) {
    if (existsSync(directory)) throw error
    return 0
  }
}

/** Clients of this many calls leave while these wait for a process: none may run. */
export async function leaveQueue(t: TestContext, { count }: { readonly count: number }): Promise<void> {
  const server = await startPool(t, { processes: 1, maxQueue: 2 * count })
  const holding = outcomeOf(server, { name: 'hold', until: 'go' })
  await eventually('the first task to run', () => runsIn(server).length === 1 || undefined)
  const leaving = Array.from({ length: count }, (_, nr) =>
    http.get(`${server.url}/?name=left-${nr}`, { agent: false }),
  )
  const left = leaving.map(failureOf)
  await untilWaiting(server, count)
  for (const request of leaving) request.destroy()
  await Promise.all(left)
  await untilWaiting(server, 0)
  const after = outcomeOf(server, { name: 'after' })
  await untilWaiting(server, 1)
  server.project.write('go', '')
  assert.equal((await holding).name, 'hold')
  assert.equal((await after).name, 'after')
  assert.deepEqual(
    runsIn(server).map(({ name }) => name),
    ['hold', 'after'],
  )
  await server.stop()
}

/** Resolves when it has failed, as it does when it is destroyed before it has a response. */
function failureOf(request: http.ClientRequest): Promise<unknown> {
  return new Promise((resolve, reject) =>
    request
      .once('error', resolve)
      .once('response', () => reject(new Error(`${request.path} has a response`))),
  )
}

async function untilWaiting(server: RunningServer, count: number): Promise<void> {
  const status = (): Status['tasks'][number] | undefined => {
    const words = [`${repository}/bin/tsgunctl.js`, 'status', '--json']
    const env = { ...process.env, TSGUN_CONTROL_SOCKET: server.project.path('control.sock') }
    return (JSON.parse(spawnSync(nodeBinary, words, { env, encoding: 'utf8' }).stdout) as Status).tasks[0]
  }
  await eventually(
    `${count} calls to wait`,
    () => status()?.waiting === count || undefined,
    () => JSON.stringify(status()),
  )
}

/** Upgrades (USR2) under load: no call fails, and each worker calls the tasks of its own master alone. */
export async function upgradeTasks(t: TestContext, { times }: { readonly times: number }): Promise<void> {
  const server = await startPool(t, { processes: 2, maxQueue: 256 })
  const { project } = server
  const pidOf = (file: string): number => (existsSync(project.path(file)) ? Number(project.read(file)) : 0)
  let [begun, isOver] = [0, false]
  const called = callAll(server, () => (isOver ? undefined : { name: `task-${(begun += 1)}`, ms: '5' }))
  called.catch(() => undefined) // awaited below
  for (let time = 1; time <= times; time += 1) {
    const old = pidOf('server.pid')
    killProcess(old, 'SIGUSR2')
    await server.says(/upgrade: the new master \d+ serves beside this one/, time)
    const reached = begun + 10 * callers
    await eventually('calls beside two masters', () => begun > reached || undefined)
    killProcess(old, 'SIGTERM')
    await server.says(/upgrade done: the old master \d+ has exited/, time)
  }
  isOver = true
  const outcomes = [...(await called).values()]
  for (const outcome of outcomes) {
    assert.equal(outcome.code, undefined, server.report())
    assert.equal(outcome.taskMaster, outcome.master)
  }
  assert.equal(new Set(outcomes.map(({ master }) => master)).size, times + 1, 'each master has served')
  const last = pidOf('server.pid')
  killProcess(last, 'SIGTERM')
  await server.until('the exit of the last master', () => !isAlive(last))
}
