// Requests/s on connections that stay open (wrk), and new connections/s (ab without keep-alive).

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { childrenOf } from '../helpers/processes.ts'
import { inTurns, rowOf, type Row } from './row.ts'
import { apps, pin, startBaseline, startTsgun, temporaryFile, type Server } from './servers.ts'
import { connections, numberIn, wrk } from './wrk.ts'

const run = promisify(execFile)

const rounds = 7
const seconds = 4

/** One worker on a core of its own; the load and the master on the other. */
export async function keepAlive(): Promise<Row> {
  const log = temporaryFile('access.log')
  const tsgun = await startTsgun({
    app: './hello.js:app',
    workers: 1,
    more: ['--access-logfile', log, '--access-logformat', 'json'],
  })
  const bare = await startBaseline('bare.js', '1')
  pin(0, [tsgun.pid, bare.pid])
  pin(1, [...childrenOf(tsgun.pid), ...childrenOf(bare.pid)])
  try {
    for (const server of [tsgun, bare]) await perSecond(server)
    const measured = await inTurns(rounds, { tsgun: () => perSecond(tsgun), other: () => perSecond(bare) })
    const baseline = 'bare node:http on an inherited socket, without any log'
    return rowOf(
      { name: 'keep-alive requests, JSON access log on', baseline, unit: 'requests/s', goal: '0.90 or more' },
      measured,
    )
  } finally {
    await Promise.all([tsgun.stop(), bare.stop()])
  }
}

/** Two workers each, on all cores. */
export async function newConnections(): Promise<Row> {
  const tsgun = await startTsgun({ app: './hello.js:app', workers: 2 })
  const cluster = await startBaseline('cluster.js', join(apps, 'hello.js'), '2')
  try {
    for (const server of [tsgun, cluster]) await ab(server)
    const measured = await inTurns(rounds, { tsgun: () => ab(tsgun), other: () => ab(cluster) })
    return rowOf(
      { name: 'new connections', baseline: 'node:cluster', unit: 'connections/s', goal: '1.8 or more' },
      measured,
    )
  } finally {
    await Promise.all([tsgun.stop(), cluster.stop()])
  }
}

async function perSecond(server: Server): Promise<number> {
  return (await wrk(server, { seconds })).perSecond
}

async function ab({ url }: Server): Promise<number> {
  const { stdout } = await run('ab', ['-q', '-n', '15000', '-c', String(connections), `${url}/`])
  if (!/Failed requests:\s+0/.test(stdout)) throw new Error(`ab met failures:\n${stdout}`)
  return numberIn(stdout, /Requests per second:\s+([\d.]+)/)
}
