// Requests/s on connections that stay open (wrk), and new connections/s (ab without keep-alive).

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { childrenOf } from '../helpers/tsgun.ts'
import { inTurns, rowOf } from './row.ts'
import type { Row } from './row.ts'
import { apps, pin, startBaseline, startTsgun, temporaryFile } from './servers.ts'
import type { Server } from './servers.ts'

const run = promisify(execFile)

const connections = 64
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
    for (const server of [tsgun, bare]) await wrk(server)
    const measured = await inTurns(rounds, { tsgun: () => wrk(tsgun), other: () => wrk(bare) })
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
    return rowOf({ name: 'new connections', baseline: 'node:cluster', unit: 'connections/s', goal: '1.8 or more' }, measured)
  } finally {
    await Promise.all([tsgun.stop(), cluster.stop()])
  }
}

async function wrk({ url }: Server): Promise<number> {
  const words = ['-c', '0', 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, `${url}/`]
  const { stdout } = await run('taskset', words)
  const failures = /Non-2xx|Socket errors/.exec(stdout)
  if (failures) throw new Error(`wrk met failures:\n${stdout}`)
  return numberAfter(stdout, /Requests\/sec:\s+([\d.]+)/)
}

async function ab({ url }: Server): Promise<number> {
  const { stdout } = await run('ab', ['-q', '-n', '15000', '-c', String(connections), `${url}/`])
  if (!/Failed requests:\s+0/.test(stdout)) throw new Error(`ab met failures:\n${stdout}`)
  return numberAfter(stdout, /Requests per second:\s+([\d.]+)/)
}

function numberAfter(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1]
  if (found === undefined) throw new Error(`no ${pattern} in:\n${text}`)
  return Number(found)
}
