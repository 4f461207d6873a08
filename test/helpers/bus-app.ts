// An app for the tests of the bus: each process subscribes when it is loaded, and appends what it gets to a
// file of its own. Any worker serves the requests that publish and ask.

import assert from 'node:assert/strict'
import { chmodSync, readdirSync } from 'node:fs'
import { ask } from './http.ts'
import { createProject, startServer, type Cleaner, type Project, type RunningServer } from './tsgun.ts'
import { eventually } from './wait.ts'

const app = `import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { threadId } from 'node:worker_threads'
import { bus, BusError, task } from 'tsgun'

const me = [process.pid, threadId].join('-')
const note = (data: unknown): void => appendFileSync('got-' + me + '.txt', JSON.stringify(data) + '\\n')

const seen = new Map<string, number>()

const subscriptions = [
  bus.subscribe('news.*', (data, { topic }) => note([topic, data])),
  bus.subscribe('large', (data: Buffer) => {
    note(['large', data.readUInt32LE()])
    bus.publish('seen', [me, data.readUInt32LE()])
  }),
  bus.subscribe('seen', ([by, nr]: [string, number]) => void seen.set(by, nr)),
  bus.subscribe('flow', (data) => note(data)),
  bus.subscribe('bad', () => { throw new RangeError('a bad handler') }),
  bus.subscribe('who', (data) => {
    if (data === 'fail') throw Object.assign(new RangeError('no such order'), { code: 'ENOORDER' })
    return { data, pid: process.pid }
  }),
]
await Promise.all(subscriptions.map(({ ready }) => ready))

/** Publishes from now on, each 5 ms. */
if (process.env['FLOW'] === '1') {
  let nr = 0
  setInterval(() => bus.publish('flow', [me, (nr += 1)]), 5)
}

export default createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://app')
  const [topic, text] = [searchParams.get('topic') ?? '', searchParams.get('text')]
  try {
    if (pathname === '/publish') bus.publish(topic, { text, at: new Date(0), by: me })
    if (pathname === '/large') seen.clear()
    if (pathname === '/large') for (let nr = 0; nr < Number(text); nr += 1) {
      const data = Buffer.alloc(100_000)
      data.writeUInt32LE(nr)
      bus.publish('large', data)
      // at the pace of two processes
      while ([...seen.values()].filter((number) => number >= nr - 20).length < 2 && nr >= 20)
        await new Promise((resolve) => setTimeout(resolve, 5))
    }
    if (pathname === '/task') await task('work').run(text)
    const reply = pathname === '/request' ? await bus.request(topic, text, { timeout: 20_000 }) : 'ok'
    response.end(JSON.stringify(reply))
  } catch (error) {
    const { name, message, code } = error as BusError
    response.end(JSON.stringify({ name, message, code, isBusError: error instanceof BusError }))
  }
})
`

const work = `import { appendFileSync } from 'node:fs'
import { bus, defineTask } from 'tsgun'

bus.subscribe('news.*', (data, { topic }) =>
  appendFileSync('got-' + process.pid + '-task.txt', JSON.stringify([topic, data]) + '\\n'))
const { ready } = bus.subscribe('compute', (input: number) => ({ double: input * 2, pid: process.pid }))

export default defineTask({
  load: () => ready,
  run: (text: string) => bus.publish('news.task', { text }),
})
`

/** A service and a schedule: both publish, subscribe and ask by the bus of their argument. */
const runners = {
  'poller.ts': `import { appendFileSync } from 'node:fs'
import { once } from 'node:events'
import { bus as imported, type ServiceContext } from 'tsgun'

export async function start({ bus, signal }: ServiceContext) {
  bus.subscribe('news.*', (data, { topic }) =>
    appendFileSync('got-' + process.pid + '-service.txt', JSON.stringify([topic, data]) + '\\n'))
  bus.subscribe('poll', (text) => {
    imported.publish('news.service', { text: 'service ' + text })
    return bus === imported
  })
  await once(signal, 'abort')
}
`,
  'tick.ts': `import { appendFileSync } from 'node:fs'
import type { ScheduleContext } from 'tsgun'

export async function run({ bus }: ScheduleContext) {
  const note = (data: unknown) =>
    appendFileSync('got-' + process.pid + '-schedule.txt', JSON.stringify(data) + '\\n')
  let onPolled = () => {}
  const polled = new Promise<void>((resolve) => (onPolled = resolve))
  const { ready } = bus.subscribe('news.*', (data, { topic }) => {
    note([topic, data])
    if (topic === 'news.service') onPolled()
  })
  await ready
  bus.publish('news.schedule', { text: 'schedule' })
  note(['poll', await bus.request('poll', 'polled')])
  await polled
}
`,
}

const runnerSettings = `services: { poller: { run: './poller.ts' } },
  schedules: { tick: { cron: '0 0 1 1 *', run: './tick.ts' } },`

export interface BusProject {
  /** More settings, as code. */
  readonly settings?: string
  /** Whether there is a process of a task, which takes part. */
  readonly hasTask?: boolean
  /** Whether there are a service `poller`, which takes part, and a schedule `tick`, whose runs do. */
  readonly hasRunners?: boolean
  readonly environment?: NodeJS.ProcessEnv
  readonly packages?: readonly string[]
}

export async function startBus(
  t: Cleaner,
  { settings = '', hasTask = false, hasRunners = false, environment = {}, packages = [] }: BusProject = {},
): Promise<RunningServer> {
  const tasks = hasTask ? `tasks: { work: { module: './work.task.ts' } },` : ''
  const more = hasRunners ? runnerSettings : ''
  const files = {
    'app.ts': app,
    'work.task.ts': work,
    ...runners,
    'server.config.ts': `export default { app: './app.ts', bind: '127.0.0.1:0', ${settings} ${tasks} ${more} }\n`,
  }
  const project = createProject(t, files, packages)
  chmodSync(project.directory, 0o777) // for workers of another user
  return startServer(project, { environment })
}

/** What each process and thread has got, in its order, by the name of its file. */
export function gotIn(project: Project): ReadonlyMap<string, readonly unknown[]> {
  const files = readdirSync(project.directory).filter((name) => name.startsWith('got-'))
  return new Map(
    files.map((name) => {
      const lines = project.read(name).split('\n').slice(0, -1)
      return [name, lines.map((line) => JSON.parse(line) as unknown)]
    }),
  )
}

/** Resolves with those that have got a message with this text, when there are this many. */
export function untilGot(server: RunningServer, text: string, count: number): Promise<readonly string[]> {
  const having = (): readonly string[] =>
    [...gotIn(server.project)]
      .filter(([, got]) => JSON.stringify(got).includes(`"text":"${text}"`))
      .map(([name]) => name)
  return eventually(
    `${count} processes to get ${text}`,
    () => (having().length >= count ? having() : undefined),
    () => `${having().join(' ')}\n${server.report()}`,
  )
}

/** Asks any worker, and returns its response. */
export async function call(server: RunningServer, path: string): Promise<unknown> {
  const { status, body } = await ask(server.url, path)
  assert.equal(status, 200, `${body}\n${server.report()}`)
  return JSON.parse(body) as unknown
}
