// Task processes that are killed: what waits is not lost, what runs is, or runs again.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { queuePath } from '../../../../src/tasks/model/queues.ts'
import { createPool, endsOf, native } from '../pool.ts'

test('a process is killed: the running call is lost, none that waits', async (t) => {
  const { client, child, statistics } = createPool(t)
  const first = await child('run')
  const bad = endsOf([client.run('crash', {})])
  const waiting = Array.from({ length: 20 }, (_, index) => client.run(`good ${index}`, {}))
  await once(first, 'exit')
  assert.deepEqual(await bad, { TASK_LOST: 1 })
  await child('run')
  assert.deepEqual(await endsOf(waiting), { ok: 20 })
  const { done, lost } = statistics.read()
  assert.deepEqual({ done, lost }, { done: 20, lost: 1 })
})

test('a process is killed while it holds calls that have not begun: they run in the next one', async (t) => {
  const { client, child } = createPool(t)
  const collecting = await child('batch')
  // the last batch had four inputs: the next one waits for as many
  await Promise.all(Array.from({ length: 4 }, () => client.run(50, {})))
  const held = [client.run('held', {}), client.run('held', {})]
  await delay(5)
  collecting.kill('SIGKILL')
  await once(collecting, 'exit')
  await child('batch')
  assert.deepEqual(await endsOf(held), { ok: 2 })
})

test('a batch that kills its process runs again one by one, so that only the bad input fails', async (t) => {
  const { client, child, statistics } = createPool(t, { attempts: 2 })
  let current = await child('batch')
  const calls = ['a', 'b', 'crash', 'c'].map((input) => client.run(input, {}))
  const ends = Promise.allSettled(calls)
  const keep = async (): Promise<void> => {
    for (let count = 0; count < 2; count += 1) {
      await once(current, 'exit')
      current = await child('batch')
    }
  }
  await keep()
  const results = await ends
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  )
  assert.deepEqual([statistics.read().lost, statistics.read().done], [1, 3])
})

test('a call whose process is killed after the timeout has taken too long', async (t) => {
  const { client, child } = createPool(t, { timeout: 100, attempts: 2 })
  const process = await child('run')
  const ends = endsOf([client.run(60_000, {})])
  await once(process, 'message') // it has begun
  await delay(200)
  process.kill('SIGKILL')
  assert.deepEqual(await ends, { TASK_TIMEOUT: 1 })
})

test('two processes share the calls, and none waits behind a long one', async (t) => {
  const { client, child } = createPool(t)
  await Promise.all([child('run'), child('run')])
  const cancel = new AbortController()
  let hasEnded = false
  const long = client.run(60_000, { signal: cancel.signal }).finally(() => (hasEnded = true))
  await Promise.all(Array.from({ length: 20 }, () => client.run(5, {})))
  assert.equal(hasEnded, false)
  cancel.abort()
  await assert.rejects(long, { name: 'AbortError' })
})

test('a caller that has sent nothing yet is not held while native code runs: it goes to another process', async (t) => {
  const { client, child, directory } = createPool(t)
  const process = await child('run')
  const silent = connect(queuePath(directory, 'job', 'normal')).resume()
  await once(silent, 'connect')
  const begun = once(process, 'message')
  const cancel = new AbortController()
  const long = client.run(60_000, { signal: cancel.signal }) // accepted after the silent one
  await begun
  if (!silent.closed) await once(silent, 'close')
  cancel.abort()
  await assert.rejects(long, { name: 'AbortError' })
})

test('a queue that is closed is no queue: the call is lost in time, or refused while the server stops', async (t) => {
  let isStopping = false
  const { client, close } = createPool(t, { origin: { stopping: () => isStopping } })
  close()
  const waiting = endsOf([client.run('x', {})])
  await assert.rejects(client.run('x', { timeout: 100 }), { code: 'TASK_TIMEOUT', message: /was waiting/ })
  isStopping = true
  await assert.rejects(client.run('x', {}), { code: 'TASK_STOPPING', status: 503 })
  assert.deepEqual(await waiting, { TASK_STOPPING: 1 })
})

test('an unreachable queue is tried for some seconds', async (t) => {
  const { client, close } = createPool(t)
  close()
  await assert.rejects(client.run('x', {}), {
    code: 'TASK_LOST',
    message: 'the task job could not be begun: its queue cannot be reached',
  })
})

test('a queue keeps its length when a process listens on it', async (t) => {
  const { client, child, queues } = createPool(t, { maxQueue: 3 })
  const process = await child('run')
  const busy = client.run(2000, {})
  await once(process, 'message')
  const waiting = Array.from({ length: 10 }, () => client.run('x', {}))
  assert.deepEqual(await endsOf(waiting.concat(busy)), { ok: 4, TASK_QUEUE_FULL: 7 })
  native().listen(queues.normal, 3)
})
