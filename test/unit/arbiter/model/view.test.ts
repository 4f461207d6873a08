// A snapshot as hooks and the control socket show it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge } from '../../../../src/arbiter/model/death/verdict.ts'
import { workerView } from '../../../../src/arbiter/model/view.ts'
import { worker } from '../records.ts'
import { ServerWorld, two } from '../world/server-world.ts'

test('the times of a worker are in seconds, to a tenth', () => {
  const booted = workerView(worker({ spawnedAt: 1000, readyAt: 2000, lastBeat: 61_940 }), 62_000)
  assert.deepEqual([booted.age_seconds, booted.uptime_seconds, booted.beat_seconds], [61, 60, 0.1])
  assert.equal(workerView(worker({ readyAt: null }), 62_000).uptime_seconds, null)
  assert.equal(workerView(worker({ lastBeat: 70_000 }), 62_000).beat_seconds, 0, 'never less than none')
})

test('a worker that has ended has its exit, with the report of its watchdog if there is one', () => {
  const report = {
    where: 'native',
    silent: 1,
    step: null,
    stack: [],
    requests: [],
    more: 0,
    heapUsed: null,
    heapLimit: null,
    rss: 1,
  } as const
  const ended = worker({ reason: 'timeout', killed: true, report })
  const verdict = judge(ended, { code: null, signal: 'SIGKILL', lastLines: ['a'] }, 5)
  const exit = { reason: 'timeout', code: null, signal: 'SIGKILL', ended_by: 'tsgun', stderr: ['a'] }
  assert.deepEqual(workerView(ended, 5, verdict).exit, { ...exit, report })
  const plain = worker()
  const { exit: other } = workerView(plain, 5, judge(plain, { code: 3, signal: null }, 5))
  assert.deepEqual(other, { reason: 'exit', code: 3, signal: null, ended_by: 'itself', stderr: [] })
  assert.equal('exit' in workerView(plain, 5), false)
})

test('the view of the server is read at the moment when a hook asks', async () => {
  const world = await ServerWorld.serving({ settings: two })
  const { view } = world.arbiter
  assert.deepEqual([view.version, view.pid, view.num_workers, view.generation], ['1.2.3', process.pid, 2, 1])
  assert.deepEqual(view.listeners, [])
  assert.equal(view.settings.workers, 2)
  assert.equal(view.logs?.access.name, 'none')
  assert.deepEqual(
    view.workers.map(({ nr, state, age }) => [nr, state, age]),
    [
      [0, 'ready', 1],
      [1, 'ready', 2],
    ],
  )
  assert.deepEqual(view.slots[1], { nr: 1, state: 'ready', failures: 0, last_error: null })
  await world.order({ type: 'scale', to: 3 })
  assert.deepEqual([view.num_workers, view.slots[2]?.state], [3, 'starting'])
})
