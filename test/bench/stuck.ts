// How long a service with one worker is unavailable when the worker is stuck: from the request that blocks
// its loop to the first response of its replacement. This includes `timeout`, the boot of a worker, and the
// time since the last beat, at most a quarter of `timeout`.

import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { childrenOf, killProcess } from '../helpers/processes.ts'
import { inTurns, rowOf, type Row } from './row.ts'
import { startTsgun, type Server } from './servers.ts'

const rounds = 7
/** Milliseconds. */
const timeout = 1000

export async function stuckWorkers(): Promise<Row> {
  const server = await startTsgun({
    app: './block.js:app',
    workers: 1,
    more: ['--timeout', String(timeout / 1000)],
  })
  try {
    return rowOf(
      {
        name: 'from a blocked loop to the first response of the replacement, timeout 1 s',
        baseline: '1 s + from SIGKILL to the first response of the replacement',
        unit: 'ms',
        goal: 'less than 1 s more',
      },
      await inTurns(rounds, {
        tsgun: () => gapAfter(server, block),
        other: async () => timeout + (await gapAfter(server, kill)),
      }),
    )
  } finally {
    await server.stop()
  }
}

async function gapAfter(server: Server, blow: (server: Server) => void): Promise<number> {
  await delay(2 * timeout) // the slot has recovered: a worker that dies young would be replaced later
  const startedAt = performance.now()
  blow(server)
  await delay(5) // the request has reached the worker
  while (!(await responds(server.url))) await delay(1)
  return performance.now() - startedAt
}

function block({ url }: Server): void {
  http.get(`${url}/block`, { agent: false }).on('error', () => undefined) // its worker dies of it
}

function kill({ pid }: Server): void {
  for (const worker of childrenOf(pid)) killProcess(worker, 'SIGKILL')
}

/**
 * A connection that a stuck worker has accepted, or that no worker has accepted, gets no response: then
 * another one is tried.
 */
function responds(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get(url, { agent: false, timeout: 100 }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode === 200))
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
  })
}
