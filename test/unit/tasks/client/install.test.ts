// `task()` in a worker, in a task process, and without a server.

import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test, type TestContext } from 'node:test'
import { installTasks, type InstalledTasks } from '../../../../src/tasks/client/install.ts'
import type { TasksOptions, TaskTarget } from '../../../../src/tasks/client/options.ts'
import { queuePath } from '../../../../src/tasks/model/queues.ts'
import { task } from '../../../../src/tasks/model/task.ts'
import type { RunningFor } from '../../../../src/tasks/model/task-context.ts'
import { createPool } from '../pool.ts'

function install(t: TestContext, options: Partial<TasksOptions> & { directory?: string }): InstalledTasks {
  const target: TaskTarget = {
    queue: (priority) => queuePath(options.directory ?? '/nowhere', 'job', priority),
    timeout: 0,
    attempts: 1,
    maxQueue: 8,
  }
  const names = ['ocr', 'embed']
  const installed = installTasks({
    tasks: new Map(names.map((name) => [name, target])),
    stopping: () => false,
    log: () => ({ warn: () => assert.fail() }),
    ...options,
  })
  t.after(installed.remove)
  return installed
}

test('without a server each call is rejected with what to do, and nothing throws before', async () => {
  const ocr = task('ocr')
  await assert.rejects(ocr.run('x'), /the task ocr has no process to run in.*"tsgun -c server\.config\.ts"/)
  await assert.rejects(ocr.stream('x').next(), /has no process to run in/)
})

test('with a server a call reaches its queue, also by a task() from before', async (t) => {
  const early = task('ocr')
  const { host, directory } = createPool(t)
  host({ run: (input) => `read ${String(input)}` })
  const { taskCounters } = install(t, { directory })
  assert.equal(await early.run('a'), 'read a')
  assert.equal(await task('ocr').run('b'), 'read b')
  assert.equal(taskCounters().get('ocr')?.done, 2)
  assert.equal(taskCounters().get('embed')?.done, 0)
})

test('an unknown name throws at once, with the known ones', (t) => {
  install(t, {})
  assert.throws(() => task('orc'), {
    message: 'there is no task "orc" in the setting tasks: known are ocr, embed. Did you mean "ocr"?',
  })
  installTasks({ tasks: new Map(), stopping: () => false, log: () => ({ warn: () => undefined }) })
  assert.throws(() => task('ocr'), /: the config has none\.$/)
})

test('a task that calls itself, also through another one, is an error', async (t) => {
  const current: { running?: RunningFor } = {}
  install(t, { self: 'ocr', currentTask: () => current.running })
  await assert.rejects(task('ocr').run('x'), /the task ocr calls itself \(ocr → ocr\)/)
  current.running = { task: 'embed', ids: ['1'], chain: ['ocr', 'embed'] }
  await assert.rejects(task('ocr').run('x'), /calls itself \(ocr → embed → ocr\)/)
})

test('a task calls another one with its request id and its chain', async (t) => {
  const { host, directory } = createPool(t)
  const seen: unknown[] = []
  host({ run: (_, { id }) => void seen.push(id) })
  install(t, {
    directory,
    self: 'embed',
    currentTask: () => ({ task: 'embed', ids: ['r-1'], chain: ['embed'] }),
  })
  await task('ocr').run('x')
  assert.deepEqual(seen, ['r-1'])
})

test('options that are wrong are named', async (t) => {
  install(t, {})
  for (const timeout of [0, -1, NaN])
    await assert.rejects(task('ocr').run('x', { timeout }), /RangeError: the timeout of a call of ocr is/)
  const priority = 'urgent' as 'high' // a mistake
  await assert.rejects(task('ocr').run('x', { priority }), /is urgent, not high or normal/)
})

test('a call that has ended leaves no listener on its signal', async (t) => {
  const { host, directory } = createPool(t)
  host({ run: (input) => input })
  install(t, { directory })
  const { signal } = new AbortController()
  await Promise.all([task('ocr').run('x', { signal }), task('ocr').run('y', { signal })])
  assert.equal(getEventListeners(signal, 'abort').length, 0)
})

test('many calls with one signal add one listener to it', async (t) => {
  const { directory } = createPool(t)
  install(t, { directory })
  const warnings: Error[] = []
  const note = (warning: Error): void => void warnings.push(warning)
  process.on('warning', note)
  t.after(() => process.off('warning', note))
  const abort = new AbortController()
  const calls = Array.from({ length: 8 }, () => task('ocr').run('x', { signal: abort.signal }))
  const more = Array.from({ length: 8 }, () =>
    task('ocr').run('x', { signal: abort.signal, priority: 'high' }),
  )
  const ends = Promise.allSettled([...calls, ...more])
  abort.abort(new Error('all'))
  for (const end of await ends) assert.equal(end.status === 'rejected' && String(end.reason), 'Error: all')
  assert.deepEqual(warnings, [])
})
