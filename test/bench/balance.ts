// How evenly connections spread over four workers: the most that one of them has, divided by the mean.

import { join } from 'node:path'
import { ask } from '../helpers/http.ts'
import { KeptConnections, ways } from '../helpers/kept-connections.ts'
import { inTurns, rowOf, type Row } from './row.ts'
import { apps, startBaseline, startTsgun, type Server } from './servers.ts'

const rounds = 7
const [workers, connections] = [4, 64]
const [clients, requestsOfEach] = [64, 30]

export async function balance(): Promise<Row[]> {
  const tsgun = await startTsgun({ app: './which-worker.js:app', workers, more: ['--keep-alive', '60'] })
  const cluster = await startBaseline('cluster.js', join(apps, 'which-worker.js'), String(workers))
  const compare = async (name: string, measure: (server: Server) => Promise<number>): Promise<Row> => {
    for (const server of [tsgun, cluster]) await measure(server)
    const measured = await inTurns(rounds, { tsgun: () => measure(tsgun), other: () => measure(cluster) })
    const facts = { baseline: 'node:cluster', unit: 'times the mean', goal: '1.3 or less for tsgun' }
    return rowOf({ name, ...facts }, measured)
  }
  try {
    const rows: Row[] = []
    for (const way of ways)
      rows.push(
        await compare(`${connections} connections ${way}`, async ({ url }) => {
          const kept = new KeptConnections(url)
          await kept.open(connections, way)
          const found = kept.unevenness(workers)
          kept.close()
          return found
        }),
      )
    rows.push(await compare('requests in flight, new connections', inFlight))
    return rows
  } finally {
    await Promise.all([tsgun.stop(), cluster.stop()])
  }
}

/** The times of all requests of a worker together are its requests in flight, on average. */
async function inFlight({ url }: Server): Promise<number> {
  const times = new Map<string, number>()
  const client = async (): Promise<void> => {
    for (let nr = 0; nr < requestsOfEach; nr += 1) {
      const startedAt = performance.now()
      const { body } = await ask(url, '/slow')
      times.set(body, (times.get(body) ?? 0) + performance.now() - startedAt)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  const all = [...times.values()]
  return (Math.max(...all) * workers) / all.reduce((sum, time) => sum + time, 0)
}
