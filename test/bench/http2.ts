// Requests/s of HTTP/2 with prior knowledge (h2load): tsgun presents each stream as a request of node:http,
// the baseline gets what node:http2 makes of it.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { childrenOf } from '../helpers/processes.ts'
import { inTurns, rowOf, type Row } from './row.ts'
import { pin, startBaseline, startTsgun, type Server } from './servers.ts'
import { numberIn } from './wrk.ts'

const run = promisify(execFile)

const rounds = 7
const requests = 100_000
const [clients, streams] = [8, 10]

/** One worker on a core of its own; the load and the master on the other. */
export async function http2Requests(): Promise<Row> {
  const tsgun = await startTsgun({ app: './hello.js:app', workers: 1, more: ['--http-protocols', 'h2,h1'] })
  const bare = await startBaseline('bare-http2.js')
  pin(0, [tsgun.pid])
  pin(1, [...childrenOf(tsgun.pid), bare.pid])
  try {
    for (const server of [tsgun, bare]) await perSecond(server)
    const measured = await inTurns(rounds, { tsgun: () => perSecond(tsgun), other: () => perSecond(bare) })
    const baseline = 'bare node:http2, without any log'
    return rowOf({ name: 'requests of HTTP/2', baseline, unit: 'requests/s', goal: '0.70 or more' }, measured)
  } finally {
    await Promise.all([tsgun.stop(), bare.stop()])
  }
}

async function perSecond({ url }: Server): Promise<number> {
  const sizes = ['-n', String(requests), '-c', String(clients), '-m', String(streams), '-t', '1']
  const { stdout } = await run('taskset', ['-c', '0', 'h2load', ...sizes, `${url}/`])
  if (!stdout.includes(`${requests} succeeded, 0 failed`)) throw new Error(`h2load met failures:\n${stdout}`)
  return numberIn(stdout, /, ([\d.]+) req\/s/)
}
