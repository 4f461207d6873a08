// The worker classes beside each other, with 4 event loops each, for the table of
// docs/understand/worker-classes.md: what they cost, and what a request waits behind a long one.

import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { childrenOf } from '../helpers/processes.ts'
import { ask } from '../helpers/http.ts'
import { inTurns, rowOf, type Row } from './row.ts'
import { proportionalSetSize, startTsgun, type Server } from './servers.ts'

const rounds = 3
const seconds = 5
const baseline = 'async, 4 workers'
const goal = 'as it is'

const shapes = {
  async: { workers: 4, more: ['-k', 'async'] },
  sync: { workers: 4, more: ['-k', 'sync'] },
  threads: { workers: 1, more: ['-k', 'threads', '--threads', '4'] },
} as const

type Shape = keyof typeof shapes

const measures: Readonly<
  Record<string, readonly [unit: string, measure: (shape: Shape) => Promise<number>]>
> = {
  'memory of 4 event loops with Express (PSS)': ['MB', memoryOf],
  'start of 4 event loops with Express': ['ms', startOf],
  'p50 of a request while one of 300 ms blocks its loop': ['ms', (shape) => besideLong(shape, 0.5)],
  'p99 of a request while one of 300 ms blocks its loop': ['ms', (shape) => besideLong(shape, 0.99)],
}

export async function workerClasses(): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const [what, [unit, measure]] of Object.entries(measures))
    for (const shape of ['sync', 'threads'] as const) {
      const measured = await inTurns(rounds, { tsgun: () => measure(shape), other: () => measure('async') })
      rows.push(rowOf({ name: `${what}, ${shape}`, unit, baseline, goal }, measured))
    }
  return rows
}

function start(shape: Shape): Promise<Server> {
  return startTsgun({ app: './classes.js', ...shapes[shape] })
}

async function memoryOf(shape: Shape): Promise<number> {
  const server = await start(shape)
  for (let nr = 0; nr < 400; nr += 1) await ask(server.url)
  const bytes = childrenOf(server.pid).reduce((sum, pid) => sum + proportionalSetSize(pid), 0)
  await server.stop()
  return bytes / 1024 / 1024
}

async function startOf(shape: Shape): Promise<number> {
  const startedAt = performance.now()
  const server = await start(shape)
  const took = performance.now() - startedAt
  await server.stop()
  return took
}

/** 16 clients with a kept connection each, as a proxy has them, while a caller sends long requests. */
async function besideLong(shape: Shape, share: number): Promise<number> {
  const server = await start(shape)
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
