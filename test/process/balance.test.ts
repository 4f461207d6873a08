// Connections spread evenly over the workers, however they come and whatever has happened to the workers, and
// none waits for a worker that is stuck.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ask, connectTo } from '../helpers/http.ts'
import { KeptConnections, slotApp, ways } from '../helpers/kept-connections.ts'
import { isAlive, killProcess } from '../helpers/processes.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'
import { reloads } from '../helpers/zero-failures.ts'

/** The most that a worker may have, divided by the mean. */
const limit = 1.3
const [workers, connections] = [4, 64]
/** A worker that the machine does not run for a while falls behind: the median counts. */
const rounds = { 'one by one': 3, spaced: 3, 'at once': 7 } as const

function start(t: TestContext, bind = `'127.0.0.1:0'`): Promise<RunningServer> {
  const config = `export default { app: './app.js', bind: ${bind}, workers: ${workers}, keepalive: 60,
    pidfile: 'server.pid' }\n`
  return startServer(createProject(t, { 'app.js': slotApp, 'server.config.js': config }))
}

/** Repeats what opens the connections, which may depend on how the machine runs the workers; closes them. */
async function assertEven(
  t: TestContext,
  what: string,
  { kept, count = workers, open }: { kept: KeptConnections; count?: number; open: () => Promise<void> },
): Promise<void> {
  const found: string[] = []
  const all: number[] = []
  for (let round = 0; round < 3; round += 1) {
    await open()
    all.push(kept.unevenness(count))
    found.push(`${kept.unevenness(count).toFixed(2)} ${JSON.stringify([...kept.bySlot()])}`)
    kept.close()
  }
  t.diagnostic(`${what}: ${found.join(', ')}`)
  assert.ok(medianOf(all) <= limit, `${what}: ${found.join(', ')}`)
}

function medianOf(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN
}

for (const bind of [`'127.0.0.1:0'`, `'unix:web.sock'`])
  test(`kept connections at ${bind} are even, one by one, spaced and at once`, async (t) => {
    const server = await start(t, bind)
    const kept = new KeptConnections(server.url)
    for (const way of ways) {
      const found: number[] = []
      for (let round = 0; round < rounds[way]; round += 1) {
        await kept.open(connections, way)
        found.push(kept.unevenness(workers))
        kept.close()
      }
      t.diagnostic(`${way}: ${found.map((uneven) => uneven.toFixed(2)).join(', ')}`)
      assert.ok(medianOf(found) <= limit, `${way}: ${String(found)}`)
    }
    await server.stop()
  })

test('requests on new connections are even under load', async (t) => {
  const server = await start(t)
  const counts = new Map<string, number>()
  const client = async (): Promise<void> => {
    for (let nr = 0; nr < 20; nr += 1) {
      const { body } = await ask(server.url, '/slow')
      counts.set(body, (counts.get(body) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: 32 }, client))
  const most = Math.max(...counts.values())
  assert.ok((most * workers) / (32 * 20) <= limit, JSON.stringify([...counts]))
  await server.stop()
})

test('they are even again after a kill, a reload, and with one more worker', async (t) => {
  const server = await start(t)
  const kept = new KeptConnections(server.url)
  let ready = workers
  await assertEven(t, 'after a kill', {
    kept,
    async open() {
      await kept.open(connections, 'one by one')
      killProcess(server.workerPids[0] ?? 0, 'SIGKILL')
      ready += 1
      await server.says(/worker \d \(pid \d+\) is ready/, ready)
      const lost = connections - [...kept.bySlot().values()].reduce((sum, count) => sum + count, 0)
      assert.ok(lost > 0)
      await kept.open(lost, 'spaced') // its first request takes a new worker longer
    },
  })
  await reloads(server, [], 1)
  await assertEven(t, 'after a reload', { kept, open: () => kept.open(connections, 'one by one') })

  let added = 0
  await assertEven(t, 'after TTIN', {
    kept,
    count: workers + 1,
    async open() {
      if (added > 0) {
        server.signal('SIGTTOU')
        await server.says(new RegExp(`worker ${workers} \\(pid \\d+\\) ended`), added)
      }
      added += 1
      await kept.open(connections, 'one by one')
      server.signal('SIGTTIN')
      await server.says(new RegExp(`worker ${workers} \\(pid \\d+\\) is ready`), added)
      await kept.open(16, 'spaced')
    },
  })
  await server.stop()
})

test('they are even with two masters, and after the old one has left', async (t) => {
  const server = await start(t)
  const kept = new KeptConnections(server.url)
  killProcess(server.pid, 'SIGUSR2')
  await server.says(/upgrade: the new master \d+ serves beside this one/)
  await assertEven(t, 'with two masters', { kept, open: () => kept.open(2 * connections, 'one by one') })
  const successor = Number(server.project.read('server.pid.2'))
  killProcess(server.pid, 'SIGTERM')
  await server.says(/upgrade done: the old master \d+ has exited/)
  await assertEven(t, 'after the upgrade', { kept, open: () => kept.open(connections, 'one by one') })
  killProcess(successor, 'SIGTERM')
  await server.until('the exit of the new master', () => !isAlive(successor))
})

test('no connection waits for a worker that is stuck', async (t) => {
  const server = await start(t)
  const blocked = connectTo(server.url)
  blocked.write('GET /block HTTP/1.1\r\nhost: x\r\n\r\n')
  let isOver = false
  blocked.once('data', () => (isOver = true))
  await server.says(/blocks/)
  const kept = new KeptConnections(server.url)
  await assertEven(t, 'beside a stuck worker', {
    kept,
    count: workers - 1,
    async open() {
      await kept.open(connections, 'at once')
      await kept.open(connections, 'one by one') // they go where fewer of the others are
      assert.ok(!isOver, 'all have responses while the worker is blocked')
      assert.equal(kept.bySlot().size, workers - 1)
    },
  })
  blocked.destroy()
  await server.stop()
})
