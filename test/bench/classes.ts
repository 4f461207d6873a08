// The worker classes beside each other, with 4 event loops each, for the table of
// docs/understand/worker-classes.md: what they cost, and what a request waits behind a long one.

import http from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { childrenOf } from '../helpers/processes.ts'
import { ask } from '../helpers/http.ts'
import { inTurns, rowOf, type Row } from './row.ts'
import { apps, proportionalSetSize, startTsgun, type Server } from './servers.ts'

const rounds = 3
const seconds = 5
const baseline = 'async, 4 workers'
const goal = 'as it is'

const shapes = {
  async: { workers: 4, more: ['-k', 'async'] },
  sync: { workers: 4, more: ['-k', 'sync'] },
  threads: { workers: 1, more: ['-k', 'threads', '--threads', '4'] },
  'a task': { workers: 4, more: ['-k', 'async'] },
} as const

type Shape = keyof typeof shapes

type Start = () => Promise<Server>

/** What is measured, with its unit. */
type Measures = Readonly<Record<string, readonly [unit: string, measure: (start: Start) => Promise<number>]>>

const ofExpress: Measures = {
  'memory of 4 event loops with Express (PSS)': ['MB', memoryOf],
  'start of 4 event loops with Express': ['ms', startOf],
  'p50 of a request while one of 300 ms blocks its loop': ['ms', (start) => besideLong(start, 0.5)],
  'p99 of a request while one of 300 ms blocks its loop': ['ms', (start) => besideLong(start, 0.99)],
}

/** `ocr`: tesseract.js, which computes in a thread of its own; `embed`: tfjs, which blocks the event loop. */
const models = ['ocr', 'embed'] as const

function ofModel(model: string): Measures {
  return {
    [`memory of 4 event loops with ${model} (PSS)`]: ['MB', memoryOf],
    [`p99 of a request beside one caller of ${model}`]: ['ms', (start) => besideLong(start, 0.99)],
  }
}

export async function workerClasses(): Promise<readonly Row[]> {
  const rows = await compare(ofExpress, { others: ['sync', 'threads'], startOf: startExpress })
  for (const model of models) {
    const startOf = (shape: Shape): Start => startModel(model, shape)
    rows.push(...(await compare(ofModel(model), { others: ['sync', 'threads', 'a task'], startOf })))
  }
  return rows
}

interface Compared {
  readonly others: readonly Shape[]
  readonly startOf: (shape: Shape) => Start
}

async function compare(measures: Measures, { others, startOf }: Compared): Promise<Row[]> {
  const rows: Row[] = []
  for (const [what, [unit, measure]] of Object.entries(measures))
    for (const shape of others) {
      const measured = await inTurns(rounds, {
        tsgun: () => measure(startOf(shape)),
        other: () => measure(startOf('async')),
      })
      rows.push(rowOf({ name: `${what}, ${shape}`, unit, baseline, goal }, measured))
    }
  return rows
}

function startExpress(shape: Shape): Start {
  return () => startTsgun({ app: './classes.js', ...shapes[shape] })
}

/** The model in each event loop, or in one task process. */
function startModel(model: string, shape: Shape): Start {
  const { workers, more } = shapes[shape]
  const isTask = shape === 'a task'
  const environment = { MODEL: model, ...(isTask ? { IN_TASK: 'yes' } : {}) }
  const directory = join(apps, 'models')
  const where = ['--chdir', directory, ...(isTask ? ['-c', join(directory, 'tasks.config.ts')] : [])]
  return () => startTsgun({ app: './app.ts', workers, more: [...more, ...where], environment })
}

async function memoryOf(start: Start): Promise<number> {
  const server = await start()
  for (let nr = 0; nr < 400; nr += 1) await ask(server.url)
  const bytes = childrenOf(server.pid).reduce((sum, pid) => sum + proportionalSetSize(pid), 0)
  await server.stop()
  return bytes / 1024 / 1024
}

async function startOf(start: Start): Promise<number> {
  const startedAt = performance.now()
  const server = await start()
  const took = performance.now() - startedAt
  await server.stop()
  return took
}

/** 16 clients with a kept connection each, as a proxy has them, while a caller sends long requests. */
async function besideLong(start: Start, share: number): Promise<number> {
  const server = await start()
  const over = performance.now() + seconds * 1000
  const long = callUntil(over, () => ask(server.url, '/long'))
  const times: number[] = []
  const clients = Array.from({ length: 16 }, async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    await callUntil(over, async () => {
      const startedAt = performance.now()
      await ask(server.url, '/', { agent })
      times.push(performance.now() - startedAt)
      await delay(20)
    })
    agent.destroy()
  })
  await Promise.all([long, ...clients])
  await server.stop()
  return times.toSorted((one, other) => one - other)[Math.floor(times.length * share)] ?? Number.NaN
}

async function callUntil(over: number, call: () => Promise<unknown>): Promise<void> {
  while (performance.now() < over) await call()
}
