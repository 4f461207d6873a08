// What tasks cost and what they are worth: requests beside text recognition, the cost of a call, and batches.

import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { inTurns, rowOf, type Row } from './row.ts'
import { apps, startBaseline, startTsgun, type Server } from './servers.ts'

const rounds = 3
const seconds = 6

/** tsgun with the tasks of apps/compute. */
function startTasks(): Promise<Server> {
  const config = join(apps, 'compute/server.config.ts')
  return startTsgun({ app: './app.ts', workers: 2, more: ['-c', config, '--chdir', join(apps, 'compute')] })
}

export async function compute(): Promise<readonly Row[]> {
  const [tsgun, cluster] = await Promise.all([startTasks(), startBaseline('ocr-cluster.js')])
  try {
    return [await besideOcr(tsgun, cluster), ...(await callCosts(tsgun)), ...(await batches(tsgun))]
  } finally {
    await Promise.all([tsgun.stop(), cluster.stop()])
  }
}

async function besideOcr(tsgun: Server, cluster: Server): Promise<Row> {
  const measured = await inTurns(rounds, {
    tsgun: () => healthBesideOcr(tsgun),
    other: () => healthBesideOcr(cluster),
  })
  const baseline = 'node:cluster, text recognition in its workers'
  return rowOf(
    { name: 'p99 of /health beside 4 OCR callers', baseline, unit: 'ms', goal: '20 ms or less' },
    measured,
  )
}

/** p99 in milliseconds of a request each 10 ms. */
async function healthBesideOcr({ url }: Server): Promise<number> {
  const over = performance.now() + seconds * 1000
  const callers = Array.from({ length: 4 }, async () => {
    while (performance.now() < over) await get(`${url}/ocr`)
  })
  const times: number[] = []
  while (performance.now() < over) {
    const start = performance.now()
    await get(`${url}/health`)
    times.push(performance.now() - start)
    await delay(10)
  }
  await Promise.all(callers)
  return times.sort((one, other) => one - other)[Math.floor(times.length * 0.99)] ?? Number.NaN
}

interface Costs {
  readonly p50: number
  readonly perSecond: number
}

async function callCosts({ url }: Server): Promise<readonly Row[]> {
  const costs = async (path: string): Promise<Costs> => JSON.parse(await get(url + path)) as Costs
  await costs('/one-caller')
  const one = await inTurns(rounds, {
    tsgun: async () => (await costs('/one-caller')).p50,
    other: () => requestTime(url),
  })
  const four = await inTurns(rounds, {
    tsgun: async () => (await costs('/four-callers')).perSecond,
    other: async () => (await costs('/one-caller')).perSecond,
  })
  return [
    rowOf(
      {
        name: 'a call with 500 KB, p50',
        baseline: 'a request of /health',
        unit: 'ms',
        goal: '0.6 ms or less',
      },
      one,
    ),
    rowOf(
      {
        name: 'calls with 500 KB from 4 callers',
        baseline: 'from one caller',
        unit: 'calls/s',
        goal: '2,000 or more',
      },
      four,
    ),
  ]
}

/** The median of 200, in milliseconds. */
async function requestTime(url: string): Promise<number> {
  const times: number[] = []
  for (let nr = 0; nr < 200; nr += 1) {
    const start = performance.now()
    await get(`${url}/health`)
    times.push(performance.now() - start)
  }
  return times.sort((one, other) => one - other)[100] ?? Number.NaN
}

async function batches({ url }: Server): Promise<readonly Row[]> {
  const at = (callers: number): Promise<readonly { tsgun: number; other: number }[]> =>
    inTurns(rounds, {
      tsgun: () => throughput(`${url}/embed`, callers),
      other: () => throughput(`${url}/single`, callers),
    })
  const facts = { baseline: 'the same without batches', unit: 'sentences/s' }
  return [
    rowOf({ ...facts, name: 'embeddings of 32 callers, batched', goal: '2.0 or more' }, await at(32)),
    rowOf({ ...facts, name: 'embeddings of a lone caller, batched', goal: '0.95 or more' }, await at(1)),
  ]
}

/** Responses per second. */
async function throughput(url: string, callers: number): Promise<number> {
  let count = 0
  const began = performance.now()
  const over = began + seconds * 500
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() < over) {
        await get(url)
        count += 1
      }
    }),
  )
  return (count * 1000) / (performance.now() - began)
}

async function get(url: string): Promise<string> {
  const response = await fetch(url)
  const text = await response.text()
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`)
  return text
}
