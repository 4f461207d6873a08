// What the protection against clients costs: the check of each request, and fast clients beside slow ones.

import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { childrenOf } from '../helpers/processes.ts'
import { inTurns, rowOf, type Row } from './row.ts'
import { apps, pin, startScript, startTsgun, type Server } from './servers.ts'
import { wrk } from './wrk.ts'

const rounds = 5
const seconds = 3
const slowClients = 1000

/** A bare server on a core of its own, with and without the check. */
export async function requestChecks(): Promise<Row> {
  const script = join(apps, 'checked.ts')
  const [on, off] = await Promise.all([startScript(script, 'on'), startScript(script, 'off')])
  pin(1, [on.pid, off.pid])
  const perSecond = async (server: Server): Promise<number> => (await wrk(server, { seconds })).perSecond
  try {
    for (const server of [on, off]) await perSecond(server)
    const measured = await inTurns(rounds, { tsgun: () => perSecond(on), other: () => perSecond(off) })
    const baseline = 'the same without the check'
    return rowOf(
      { name: 'the check of each ' + 'request', baseline, unit: 'requests/s', goal: '0.98 or more' },
      measured,
    )
  } finally {
    await Promise.all([on.stop(), off.stop()])
  }
}

/** 64 fast clients, with and without a thousand that send a byte of a head each second. */
export async function besideSlowClients(): Promise<Row> {
  const tsgun = await startTsgun({
    app: './hello.js:app',
    workers: 1,
    more: ['--worker-connections', '2000'],
  })
  pin(0, [tsgun.pid])
  pin(1, childrenOf(tsgun.pid))
  const percentile = async (): Promise<number> => (await wrk(tsgun, { seconds })).percentile99
  try {
    await percentile()
    const measured = await inTurns(rounds, { tsgun: () => besideSlow(tsgun, percentile), other: percentile })
    const baseline = 'the same without slow clients'
    const name = 'p99 of fast clients beside a thousand slow ones'
    return rowOf({ name, baseline, unit: 'ms', goal: '2.0 or less' }, measured)
  } finally {
    await tsgun.stop()
  }
}

async function besideSlow({ url }: Server, measure: () => Promise<number>): Promise<number> {
  const { port, hostname: host } = new URL(url)
  const sockets = await Promise.all(
    Array.from({ length: slowClients }, () => opened({ port: Number(port), host })),
  )
  for (const socket of sockets) socket.write('GET / HTTP/1.1\r\nHost: a\r\n')
  const timer = setInterval(() => sockets.forEach((socket) => socket.write('a: b\r\n')), 1000)
  try {
    return await measure()
  } finally {
    clearInterval(timer)
    for (const socket of sockets) socket.destroy()
  }
}

function opened(where: { readonly port: number; readonly host: string }): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(where, () => resolve(socket))
    socket.on('error', reject)
  })
}
