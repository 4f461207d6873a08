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

function assertEven(kept: KeptConnections, count = workers, what = ''): void {
  const uneven = kept.unevenness(count)
  assert.ok(uneven <= limit, `${what}: ${uneven.toFixed(2)}, ${JSON.stringify([...kept.bySlot()])}`)
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
      const median = found.sort((one, other) => one - other)[Math.floor(found.length / 2)] ?? NaN
      t.diagnostic(`${way}: ${found.map((uneven) => uneven.toFixed(2)).join(', ')}`)
      assert.ok(median <= limit, `${way}: ${String(found)}`)
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
  await kept.open(connections, 'one by one')
  const victim = server.workerPids[0] ?? 0
  killProcess(victim, 'SIGKILL')
  await server.says(/worker \d \(pid \d+\) is ready/, workers + 1)
  const lost = connections - [...kept.bySlot().values()].reduce((sum, count) => sum + count, 0)
  assert.ok(lost > 0)
  await kept.open(lost, 'spaced') // its first request takes a new worker longer
  assertEven(kept, workers, 'after a kill')

  kept.close()
  await reloads(server, [], 1)
  await kept.open(connections, 'one by one')
  assertEven(kept, workers, 'after a reload')

  server.signal('SIGTTIN')
  await server.says(new RegExp(`worker ${workers} \\(pid \\d+\\) is ready`))
  await kept.open(16, 'spaced')
  assertEven(kept, workers + 1, 'after TTIN')
  kept.close()
  await server.stop()
})

test('they are even with two masters, and after the old one has left', async (t) => {
  const server = await start(t)
  const kept = new KeptConnections(server.url)
  killProcess(server.pid, 'SIGUSR2')
  await server.says(/upgrade: the new master \d+ serves beside this one/)
  await kept.open(2 * connections, 'one by one')
  assertEven(kept, workers, 'with two masters')
  kept.close()
  const successor = Number(server.project.read('server.pid.2'))
  killProcess(server.pid, 'SIGTERM')
  await server.says(/upgrade done: the old master \d+ has exited/)
  await kept.open(connections, 'one by one')
  assertEven(kept, workers, 'after the upgrade')
  kept.close()
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
  await kept.open(connections, 'at once')
  await kept.open(connections, 'one by one') // they go where fewer of the others are
  assert.ok(!isOver, 'all have responses while the worker is blocked')
  assert.equal(kept.bySlot().size, workers - 1)
  assertEven(kept, workers - 1)
  kept.close()
  blocked.destroy()
  await server.stop()
})
