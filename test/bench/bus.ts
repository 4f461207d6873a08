// The bus beside the relay of node:cluster and Redis: one publisher, four subscribers, messages of about 200
// bytes. Needs redis-server (Debian: redis-server).

import { inTurns, rowOf, type Row } from './row.ts'
import { startBaseline, startTsgun, type Server } from './servers.ts'

const rounds = 3
const seconds = 4
/** Messages per second: a tenth of the goal for the most. */
const calm = 5000

export async function busMessages(): Promise<readonly Row[]> {
  const tsgun = await startTsgun({ app: './bus/tsgun.js', workers: 5 })
  const [cluster, redis] = await Promise.all([startBaseline('bus/cluster.js'), startBaseline('bus/redis.js')])
  try {
    return [
      ...(await beside(tsgun, cluster, 'relay of node:cluster')),
      ...(await beside(tsgun, redis, 'Redis with JSON')),
    ]
  } finally {
    await Promise.all([tsgun, cluster, redis].map((server) => server.stop()))
  }
}

async function beside(tsgun: Server, other: Server, baseline: string): Promise<readonly Row[]> {
  const most = await inTurns(rounds, { tsgun: () => rate(tsgun), other: () => rate(other) })
  const late = await inTurns(rounds, { tsgun: () => latency(tsgun), other: () => latency(other) })
  return [
    rowOf({ name: 'messages to 4 subscribers', baseline, unit: 'messages/s', goal: '50,000 or more' }, most),
    rowOf({ name: `p99 of a message at ${calm}/s`, baseline, unit: 'ms', goal: '5 ms or less' }, late),
  ]
}

async function rate({ url }: Server): Promise<number> {
  return (await measure<{ perSecond: number }>(`${url}/rate?seconds=${seconds}`)).perSecond
}

async function latency({ url }: Server): Promise<number> {
  return (await measure<{ p99: number }>(`${url}/latency?rate=${calm}&seconds=${seconds}`)).p99
}

async function measure<Result>(url: string): Promise<Result> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Result // of apps/bus
}
