// The memory of 4 workers with a table or a model of 256 MB, and the boot of a replacement: shared by
// preload(), beside a server in which each worker loads its own, and beside one without.

import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { childrenOf } from '../helpers/processes.ts'
import { makeApps, startApp, workers, type App, type AppServer } from './preload-apps.ts'
import { inTurns, rowOf, type Row } from './row.ts'
import { proportionalSetSize, type Server } from './servers.ts'

const rounds = 5
const megabyte = 1024 * 1024

/** What shares, what loads its own, and what has nothing. */
type Apps = readonly [App, App, App]

export async function preloaded(): Promise<Row[]> {
  const directory = await makeApps()
  const tables: Apps = ['table.js', 'own-table.js', 'bare.js']
  const models: Apps = ['model.js', 'own-model.js', 'bare.js']
  return [
    ...(await memoryRows(directory, 'a table', tables)),
    ...(await withServers(directory, ['table.js', 'bare.js'], async (shared, bare) => [
      await bootRow('with that table', shared, bare),
    ])),
    ...(await memoryRows(directory, 'a model in onnxruntime', models)),
    ...(await withServers(directory, ['model.js', 'own-model.js'], async (shared, own) => [
      await loadRow(shared, own),
    ])),
    ...(await withServers(directory, ['model.js', 'bare.js'], async (shared, bare) => [
      await bootRow('with that model', shared, bare),
    ])),
  ]
}

/** Starts both, and stops them after the measurement. */
async function withServers(
  directory: string,
  [one, other]: readonly [App, App],
  measure: (one: AppServer, other: AppServer) => Promise<Row[]>,
): Promise<Row[]> {
  const first = await startApp(directory, one)
  try {
    const second = await startApp(directory, other)
    return await measure(first, second).finally(() => second.stop())
  } finally {
    await first.stop()
  }
}

/** Alone in turn: the pages of the programs that others run too would count less. */
async function memoryRows(directory: string, what: string, apps: Apps): Promise<Row[]> {
  const name = `memory of ${workers} workers with ${what} of 256 MB (sum of PSS)`
  const [tsgun, own, bare] = [
    await memoryOf(directory, apps[0]),
    await memoryOf(directory, apps[1]),
    await memoryOf(directory, apps[2]),
  ]
  return [
    rowOf({ name, unit: 'MB', baseline: 'each worker loads its own', goal: '0.4 or less' }, [
      { tsgun, other: own },
    ]),
    rowOf({ name, unit: 'MB', baseline: '256 MB and workers without it', goal: 'at most 40 MB more' }, [
      { tsgun, other: bare + 256 },
    ]),
  ]
}

async function memoryOf(directory: string, app: App): Promise<number> {
  const server = await startApp(directory, app)
  try {
    return childrenOf(server.pid).reduce((sum, each) => sum + proportionalSetSize(each), 0) / megabyte
  } finally {
    await server.stop()
  }
}

async function loadRow(shared: AppServer, own: AppServer): Promise<Row> {
  const load = (server: AppServer): Promise<number> =>
    replaced(server, server.appLog, /loaded in ([\d.]+) ms/g)
  return rowOf(
    { name: 'load of that model', unit: 'ms', baseline: 'each worker loads its own', goal: '50 ms or less' },
    await inTurns(rounds, { tsgun: () => load(shared), other: () => load(own) }),
  )
}

/** From spawn to ready, as the log has it. */
async function bootRow(what: string, shared: AppServer, bare: AppServer): Promise<Row> {
  const boot = (server: AppServer): Promise<number> =>
    replaced(server, server.errorLog, /"event":"worker_ready".*?"duration_ms":(\d+)/g)
  return rowOf(
    {
      name: `boot of a replacement ${what}`,
      unit: 'ms',
      baseline: 'without it',
      goal: 'at most 50 ms more',
    },
    await inTurns(rounds, { tsgun: () => boot(shared), other: () => boot(bare) }),
  )
}

/** Kills a worker. Returns the number that the log has of its replacement. */
async function replaced({ pid }: Server, log: string, pattern: RegExp): Promise<number> {
  const found = (): readonly RegExpExecArray[] => [...readFileSync(log, 'utf8').matchAll(pattern)]
  const before = found().length
  await delay(1100) // a worker that ends sooner after it became ready counts as a failure
  process.kill(childrenOf(pid)[0] ?? 0, 'SIGKILL')
  for (;;) {
    const latest = found()[before]
    if (latest) return Number(latest[1])
    await delay(20)
  }
}
