// An app and a task for the tests of tasks: the query of a request is the input, and `op` says what the task
// does with it.

import assert from 'node:assert/strict'
import { ask } from './http.ts'
import {
  createProject,
  startServer,
  type Cleaner,
  type LaunchOptions,
  type Project,
  type RunningServer,
} from './tsgun.ts'
import { eventually } from './wait.ts'

/** `call` options in the query: `timeout`, `priority`. The response has the output as JSON. */
const app = `import { createServer } from 'node:http'
import { task } from 'tsgun'

type Input = Record<string, string>
const work = task<typeof import('./work.task.ts')>('work')

export default createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://app')
  const input: Input = Object.fromEntries(url.searchParams)
  if (url.pathname === '/health') return void response.end(String(process.pid))
  const { timeout, priority } = input
  const output = await work.run(input, {
    timeout: timeout === undefined ? undefined : Number(timeout),
    priority: priority === 'high' ? 'high' : 'normal',
  })
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(output))
})
`

/** Line 20 has the endless loop, line 24 the error. */
const module = `import { execSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { defineTask, log } from 'tsgun'

type Input = Record<string, string>
interface Context { readonly id: string; readonly signal: AbortSignal }
interface Output { readonly pid: number; readonly version: string; readonly ran?: string | undefined }

const version = 'first'
const output = (ran?: string): Output => ({ pid: process.pid, version, ran })

const ops: Record<string, (input: Input, context: Context) => Output | Promise<Output>> = {
  echo: ({ ran }) => output(ran),
  async sleep({ ran, ms }) {
    await delay(Number(ms))
    return output(ran)
  },
  spin() {
    for (;;);
  },
  fail() {
    const message: string = 'no such page'
    throw Object.assign(new RangeError(message), { page: 7 })
  },
  native() {
    execSync('sleep 600')
    return output()
  },
  never: () => new Promise(() => setInterval(() => undefined, 1000)),
  block() {
    for (const end = Date.now() + 2500; Date.now() < end; );
    return output()
  },
  kill() {
    process.kill(process.pid, 'SIGKILL')
    return new Promise(() => undefined)
  },
  log({ ran }, { id }) {
    log.info({ ran }, 'it runs')
    console.log('printed ' + id)
    return output(ran)
  },
}

export default defineTask({
  load: () => 'model',
  run(input: Input, context) {
    appendFileSync('ran.txt', (input['ran'] ?? '') + '\\n')
    return ops[input['op'] ?? 'echo']?.(input, context) ?? output()
  },
  unload: () => appendFileSync('unloaded.txt', process.pid + '\\n'),
})
`

export interface TaskProject {
  /** Parts of the pool of `work`, as code. */
  readonly pool?: string
  /** More settings, as code. */
  readonly settings?: string
  readonly files?: Readonly<Record<string, string>>
  readonly packages?: readonly string[]
}

/** A project with the pool `work`. */
export function taskProject(
  t: Cleaner,
  { pool = '', settings = '', files = {}, packages = [] }: TaskProject = {},
): Project {
  const config = `export default { app: './app.ts', bind: '127.0.0.1:0', ${settings}
  tasks: { work: { module: './work.task.ts', ${pool} } } }\n`
  const own = { 'app.ts': app, 'work.task.ts': module, 'server.config.ts': config, 'ran.txt': '' }
  return createProject(t, { ...own, ...files }, packages)
}

export function startTasks(
  t: Cleaner,
  project: TaskProject = {},
  options: LaunchOptions = {},
): Promise<RunningServer> {
  return startServer(taskProject(t, project), options)
}

/** The path of a request that runs the task with this input. */
export function run(input: Readonly<Record<string, string | number>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(input)) query.set(name, String(value))
  return `/run?${query.toString()}`
}

/** What a task of the module returns. */
export interface TaskOutput {
  readonly pid: number
  readonly version: string
  readonly ran?: string
}

/** Runs the task with this input and returns its output; asserts that the request is served. */
export async function outputOf(
  server: RunningServer,
  input: Parameters<typeof run>[0] = { ran: 'x' },
): Promise<TaskOutput> {
  const { status, body } = await ask(server.url, run(input))
  assert.equal(status, 200, `${body}\n${server.report()}`)
  return JSON.parse(body) as TaskOutput
}

/** What the tasks of a project have run so far, in their order. */
export const ranIn = (project: Project): readonly string[] => project.read('ran.txt').trim().split('\n')

/** Resolves when a task with this name in `ran` has begun. */
export async function untilRuns(project: Project, name: string): Promise<void> {
  await eventually(`the task ${name} to run`, () => ranIn(project).includes(name) || undefined)
}
