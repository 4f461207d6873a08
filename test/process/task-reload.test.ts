// Tasks over a reload and an upgrade: the new version of a task is loaded first, no call fails, and what a
// broken release would have changed stays as it was.

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { Load } from '../helpers/load.ts'
import { isAlive, killProcess } from '../helpers/processes.ts'
import { outputOf, run, startTasks, untilRuns, type TaskOutput } from '../helpers/task-app.ts'
import type { RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

function writeVersion({ project }: RunningServer, version: string): void {
  const text = project.read('work.task.ts').replace(/const version = '\w+'/, `const version = '${version}'`)
  project.write('work.task.ts', text)
}

test('a reload under load fails no task, and serves the new version', async (t) => {
  const server = await startTasks(t, { settings: 'workers: 2,', pool: 'processes: 2, max_queue: 256' })
  const before = await outputOf(server)
  assert.equal(before.version, 'first')
  const load = new Load(server.url, { path: run({ op: 'sleep', ms: 5, ran: 'load' }), kept: 8, fresh: 2 })
  for (const version of ['second', 'third']) {
    writeVersion(server, version)
    server.signal('SIGHUP')
    await server.says(/reload done: generation/, version === 'second' ? 1 : 2)
  }
  await eventually('the new version', async () =>
    (await outputOf(server)).version === 'third' ? true : undefined,
  )
  await load.stop()
  assert.deepEqual(load.failures, [])
  assert.ok(load.responseCount > 20)
  await eventually('the old process to end', () => !isAlive(before.pid) || undefined)
  await server.stop()
})

test('a worker that drains calls the old version until it has exited', async (t) => {
  const server = await startTasks(t, { settings: `graceful_timeout: 20,` })
  const slow = ask(server.url, run({ op: 'sleep', ms: 3000, ran: 'slow' }))
  await untilRuns(server.project, 'slow')
  const before = server.workerPids
  writeVersion(server, 'second')
  server.signal('SIGHUP')
  await eventually('the new version', async () =>
    (await outputOf(server)).version === 'second' ? true : undefined,
  )
  const { status, body } = await slow
  assert.equal(status, 200)
  assert.equal((JSON.parse(body) as TaskOutput).version, 'first')
  await eventually('the old processes to end', () => !before.some(isAlive) || undefined)
  await server.stop()
})

test('a release whose task does not load changes nothing', async (t) => {
  const server = await startTasks(t)
  const before = await outputOf(server)
  server.project.write('work.task.ts', `throw new Error('no weights')\n`)
  server.signal('SIGHUP')
  await server.says(/reload failed, the old generation keeps serving: no weights/)
  assert.deepEqual(await outputOf(server), { ...before })
  await server.stop()
})

test('the queues of an old generation are removed with it', async (t) => {
  const server = await startTasks(t)
  const queues = (): string[] =>
    readdirSync(server.project.path('tmp'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /work\.(high|normal)$/.test(name),
    )
  const first = queues()
  assert.equal(first.length, 2)
  server.signal('SIGHUP')
  await eventually('the queues of the new generation alone', () => {
    const now = queues()
    return (now.length === 2 && !now.some((name) => first.includes(name))) || undefined
  })
  await outputOf(server)
  await server.stop()
})

test('during an upgrade each master has tasks of its own, and no call fails', async (t) => {
  const server = await startTasks(t, { settings: `pidfile: 'tsgun.pid',`, pool: 'max_queue: 256' })
  const load = new Load(server.url, { path: run({ op: 'sleep', ms: 5, ran: 'load' }), kept: 4, fresh: 2 })
  const master = Number(server.project.read('tsgun.pid'))
  writeVersion(server, 'second')
  killProcess(master, 'SIGUSR2')
  await eventually('the tasks of the new master', async () =>
    (await outputOf(server)).version === 'second' ? true : undefined,
  )
  killProcess(master, 'SIGTERM')
  await eventually('the old master to exit', () => !isAlive(master) || undefined)
  assert.equal((await outputOf(server)).version, 'second')
  await load.stop()
  assert.deepEqual(load.failures, [])
  const now = await eventually('the pidfile of the new master', () => {
    const pid = Number(server.project.read('tsgun.pid'))
    return pid === master ? undefined : pid
  })
  killProcess(now, 'SIGTERM')
  await eventually('the new master to exit', () => !isAlive(now) || undefined)
})

test('in development a change of a task restarts its processes', async (t) => {
  const server = await startTasks(t, { settings: 'reload: true,' })
  assert.equal((await outputOf(server)).version, 'first')
  writeVersion(server, 'second')
  await eventually('the new version', async () => {
    // a restart ends the workers at once
    const response = await ask(server.url, run({ ran: 'x' })).catch(() => undefined)
    if (response?.status !== 200) return undefined
    return (JSON.parse(response.body) as TaskOutput).version === 'second' ? true : undefined
  })
  server.project.write('work.task.ts', `throw new Error('no weights')\n`)
  await server.says(/no weights/)
  writeVersion(server, 'x')
  await server.stop()
})
