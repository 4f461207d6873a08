// Calls of tasks on real sockets: results, errors, progress, cancellation, priorities, full queues, drains.

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { once } from 'node:events'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { machineNow } from '../../../../src/os/system/clock.ts'
import { TaskError } from '../../../../src/tasks/model/task-error.ts'
import { writeRequest } from '../../../../src/tasks/wire/messages.ts'
import { send } from '../../../../src/tasks/wire/send.ts'
import { eventually } from '../../../helpers/wait.ts'
import { createPool, deferred, endsOf, native } from '../pool.ts'

test('an input comes back as the output, small and large, one after the other and at once', async (t) => {
  const { client, host } = { ...createPool(t) }
  host({ run: (input) => input })
  const inputs = [
    undefined,
    'text',
    { a: [1] },
    Buffer.alloc(3_000_000, 'ab'),
    new Float64Array(100_000).fill(2),
  ]
  for (const input of inputs) assert.deepStrictEqual(await client.run(input, {}), input)
  assert.deepStrictEqual(await Promise.all(inputs.map((input) => client.run(input, {}))), inputs)
})

test('run gets the model, an id and a signal', async (t) => {
  const { client, host } = createPool(t, {
    origin: { currentRequest: () => ({ id: 'r-7', signal: new AbortController().signal }) },
  })
  host(
    { run: (_, { model, id, signal }) => ({ model, id, isAborted: signal.aborted }) },
    { model: { weights: 3 } },
  )
  assert.deepEqual(await client.run('x', {}), { model: { weights: 3 }, id: 'r-7', isAborted: false })
})

test('an error keeps its name, message, stack and properties', async (t) => {
  const { client, host, statistics } = createPool(t)
  const thrown = Object.assign(new RangeError('no such page'), { page: 7 })
  const running = host({
    run() {
      throw thrown
    },
  })
  await assert.rejects(client.run('x', {}), (error) => {
    assert.ok(error instanceof TaskError && error.cause instanceof Error)
    const { code, status, name, message, stack, cause } = error
    assert.deepEqual([code, status, name, message], ['TASK_FAILED', 500, 'RangeError', 'no such page'])
    assert.match(
      stack ?? '',
      /^RangeError: no such page\n +at .*host\.test\.ts:\d+:\d+\)\n +at .*host\.test\.ts:/,
    )
    assert.doesNotMatch(stack ?? '', /\/src\//)
    assert.deepEqual([cause.name, Reflect.get(cause, 'page')], ['RangeError', 7])
    return true
  })
  assert.deepEqual([statistics.read().failed, running.stats().failed], [1, 1])
})

test('an input or an output that cannot be sent is named', async (t) => {
  const { client, host } = createPool(t)
  host({ run: () => ({ pages: [{ render: () => 1 }] }) })
  await assert.rejects(client.run({ cb: () => 1 }, {}), /^TypeError: input\.cb is a function/)
  await assert.rejects(client.run(1, {}), /^TypeError: output\.pages\[0\]\.render is a function/)
})

test('progress arrives in order and before the result; the consumer that throws fails the call', async (t) => {
  const { client, host } = createPool(t)
  host({
    async run(input, { progress }) {
      for (let step = 0; step < Number(input); step += 1) await progress({ step })
      return 'done'
    },
  })
  const seen: unknown[] = []
  const onProgress = (value: unknown): void => void seen.push(value)
  assert.equal(await client.run(3, { onProgress }), 'done')
  assert.deepEqual(seen, [{ step: 0 }, { step: 1 }, { step: 2 }])
  const failing = (): never => {
    throw new Error('of the app')
  }
  await assert.rejects(client.run(3, { onProgress: failing }), /of the app/)
  assert.equal(await client.run(0, {}), 'done')
})

test('a task that does not await its progress fails at 16 MB, and the process goes on', async (t) => {
  const { client, host } = createPool(t)
  const piece = Buffer.alloc(1_000_000)
  host({
    run(input, { progress }) {
      if (input === 'much') for (let count = 0; count < 40; count += 1) void progress(piece)
      return 'done'
    },
  })
  await assert.rejects(client.run('much', {}), {
    code: 'TASK_FAILED',
    message: /16 MB of progress.*await progress/,
  })
  assert.equal(await client.run('little', {}), 'done')
})

test('a stream yields progress and returns the output, and a slow consumer makes the task wait', async (t) => {
  const { client, host } = createPool(t)
  let sent = 0
  const piece = Buffer.alloc(100_000)
  host({
    async run(_, { progress }) {
      for (; sent < 100; sent += 1) await progress(piece)
      return 'done'
    },
  })
  const stream = client.stream('x', {})
  assert.equal((await stream.next()).done, false)
  let before = -1
  await eventually('the task to wait', async () => {
    const isStill = sent === before
    before = sent
    await new Promise((resolve) => setTimeout(resolve, 50))
    return isStill || undefined
  })
  assert.ok(sent < 60, `${sent} of 100 pieces were sent to a consumer that reads none`)
  let count = 1
  let last = await stream.next()
  for (; last.done !== true; last = await stream.next()) count += 1
  assert.deepEqual([count, last.value], [100, 'done'])
})

test('to leave the loop of a stream cancels the task', async (t) => {
  const { client, host, statistics } = createPool(t)
  const aborted = deferred<unknown>()
  host({
    async run(_, { progress, signal }) {
      signal.addEventListener('abort', () => aborted.resolve(signal.reason))
      await progress(1)
      await aborted.promise
    },
  })
  for await (const value of client.stream('x', {})) {
    assert.equal(value, 1)
    break
  }
  assert.match(String(await aborted.promise), /AbortError: the caller no longer waits/)
  assert.equal(statistics.read().cancelled, 1)
})

test('an abort, a timeout of the call and a disconnected client cancel a running task', async (t) => {
  const disconnect = new AbortController()
  const current: { request?: { id: string; signal: AbortSignal } } = {}
  const { client, host, statistics } = createPool(t, { origin: { currentRequest: () => current.request } })
  const running = host({
    run: (_, { signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve('late'))),
  })
  const abort = new AbortController()
  const ends = endsOf([client.run('x', { signal: abort.signal })])
  await eventually('a run', () => running.load().busy === 1 || undefined)
  abort.abort(new Error('own reason'))
  assert.deepEqual(await ends, { 'own reason': 1 })
  await eventually('the end of the run', () => running.load().busy === 0 || undefined)
  await assert.rejects(client.run('x', { timeout: 50 }), {
    code: 'TASK_TIMEOUT',
    message: /returned nothing within 50 ms: it was running/,
  })
  await eventually('the end of the run', () => running.load().busy === 0 || undefined)
  current.request = { id: 'r', signal: disconnect.signal }
  const gone = endsOf([client.run('x', {})])
  await eventually('a run', () => running.load().busy === 1 || undefined)
  disconnect.abort(new Error('client gone'))
  assert.deepEqual(await gone, { 'client gone': 1 })
  await eventually('the end of all', () => running.load().busy === 0 || undefined)
  assert.equal(running.stats().cancelled, 3)
  const { cancelled, timed_out, waiting, running: now } = statistics.read()
  assert.deepEqual({ cancelled, timed_out, waiting, now }, { cancelled: 2, timed_out: 1, waiting: 0, now: 0 })
})

test('a call with an aborted signal is not sent', async (t) => {
  const { client } = createPool(t)
  await assert.rejects(client.run('x', { signal: AbortSignal.abort(new Error('before')) }), /before/)
})

test('of 1,000 queued calls that are cancelled none runs', async (t) => {
  const { client, host, statistics } = createPool(t, { maxQueue: 2000 })
  const abort = new AbortController()
  let runs = 0
  const release = deferred()
  const running = host({
    async run() {
      runs += 1
      await release.promise
    },
  })
  const first = client.run('first', {})
  await eventually('the first to run', () => runs === 1 || undefined)
  const queued = Array.from({ length: 1000 }, () => client.run('queued', { signal: abort.signal }))
  const ends = endsOf(queued)
  // their connections and requests are in the kernel by then
  for (let turn = 0; turn < 10; turn += 1) await nextTurn()
  abort.abort(new Error('cancelled'))
  assert.deepEqual(await ends, { cancelled: 1000 })
  release.resolve()
  await first
  await client.run('last', {})
  assert.equal(runs, 2)
  assert.equal(statistics.read().cancelled, 1000)
  await eventually('an empty queue', () => running.load().held === 0 || undefined)
})

test('a full queue refuses at once, with the time that its calls will take', async (t) => {
  const { client, host, statistics } = createPool(t, { maxQueue: 4 })
  const release = deferred()
  const running = host({ run: () => release.promise })
  const first = client.run('first', {})
  await eventually('the first to run', () => running.load().busy === 1 || undefined)
  const queued = Array.from({ length: 20 }, () => client.run('queued', {}))
  const ends = endsOf([first, ...queued])
  await assert.rejects(client.run('x', {}), (error) => {
    assert.ok(error instanceof TaskError)
    assert.deepEqual([error.code, error.status, error.retryAfter], ['TASK_QUEUE_FULL', 503, 1])
    assert.match(error.message, /has as many waiting calls as max_queue allows: 4/)
    return true
  })
  release.resolve()
  const { ok = 0, TASK_QUEUE_FULL: refused = 0 } = await ends
  assert.equal(ok + refused, 21)
  assert.ok(ok >= 5 && ok <= 7, `${ok} of 4 queued and 1 running`)
  assert.equal(statistics.read().refused, refused + 1)
})

test('calls of the high priority run before all others, and each kind in its order', async (t) => {
  const { client, host } = createPool(t)
  const order: unknown[] = []
  const release = deferred()
  const running = host({
    async run(input) {
      order.push(input)
      await release.promise
    },
  })
  const first = client.run('first', {})
  await eventually('the first to run', () => running.load().busy === 1 || undefined)
  const names = Array.from({ length: 10 }, (_, index) => index)
  const calls = names.flatMap((index) => [
    client.run(`normal ${index}`, {}),
    client.run(`high ${index}`, { priority: 'high' }),
  ])
  for (let turn = 0; turn < 10; turn += 1) await nextTurn()
  release.resolve()
  await Promise.all([first, ...calls])
  const [high, normal] = ['high', 'normal'].map((kind) => names.map((index) => `${kind} ${index}`))
  assert.deepEqual(order, ['first', ...(high ?? []), ...(normal ?? [])])
})

test('a caller that connects and sends nothing holds nothing up', async (t) => {
  const { client, host, directory } = createPool(t)
  const running = host({ run: (input) => input })
  const silent = connect(`${directory}/job.normal`)
  t.after(() => silent.destroy())
  await once(silent, 'connect')
  for (let count = 0; count < 20; count += 1) assert.equal(await client.run(count, {}), count)
  assert.equal(running.load().held, 0) // its caller would ask again
})

test('what is no request is disconnected, and the process goes on', async (t) => {
  const { client, host, directory, warnings } = createPool(t)
  host({ run: (input) => input })
  const hostile = connect(`${directory}/job.normal`)
  hostile.on('error', () => undefined)
  hostile.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(hostile, 'close')
  assert.equal(await client.run('x', {}), 'x')
  assert.match(warnings.join(), /a caller of the task job has sent what is no request/)
})

test('the timeout of a task aborts its signal and fails its callers when the event loop turns', async (t) => {
  const { client, host, statistics } = createPool(t, { timeout: 100 })
  const reasons: unknown[] = []
  const running = host({
    run: (_, { signal }) =>
      new Promise((resolve) =>
        signal.addEventListener('abort', () => {
          reasons.push(signal.reason)
          resolve('late')
        }),
      ),
  })
  await assert.rejects(client.run('x', {}), {
    code: 'TASK_TIMEOUT',
    message: 'the task job took too long: its timeout is 0.1 s',
  })
  assert.match(String(reasons[0]), /TimeoutError: the task job took longer than 0\.1 s/)
  assert.equal(statistics.read().timed_out, 1)
  assert.equal(running.stats().timed_out, 1)
})

test('a drain finishes the running call, gives others back to the queue and takes no more', async (t) => {
  const { client, host } = createPool(t)
  const release = deferred<string>()
  const old = host({ run: () => release.promise })
  const first = client.run('first', {})
  await eventually('a run', () => old.load().busy === 1 || undefined)
  const second = client.run('second', {})
  const drained = old.drain(60_000)
  host({ run: (input) => `new ${String(input)}` })
  assert.equal(await second, 'new second')
  release.resolve('old first')
  assert.equal(await first, 'old first')
  assert.equal(await drained, 0)
})

test('a drain cuts off what still runs at its end', async (t) => {
  const { client, host, statistics } = createPool(t)
  const running = host({ run: () => new Promise(() => undefined) })
  const ends = endsOf([client.run('x', {})])
  await eventually('a run', () => running.load().busy === 1 || undefined)
  assert.equal(await running.drain(20), 1)
  assert.deepEqual(await ends, { TASK_LOST: 1 })
  assert.equal(statistics.read().lost, 1)
})

test('without system calls a process keeps a queue of its own, of the same length', async (t) => {
  const { client, host, queues } = createPool(t, { maxQueue: 3 })
  const release = deferred()
  const order: unknown[] = []
  const running = host(
    {
      async run(input) {
        order.push(input)
        await release.promise
      },
    },
    // it owns them then
    {
      native: new Error('no koffi'),
      queues: { high: native().dup(queues.high), normal: native().dup(queues.normal) },
    },
  )
  const calls = [client.run('first', {})]
  await eventually('a run', () => order.length > 0 || undefined)
  for (const priority of ['normal', 'normal', 'high'] as const) {
    calls.push(client.run(priority, { priority }))
    await eventually('it to be held', () => running.load().held === calls.length - 1 || undefined)
  }
  await assert.rejects(client.run('x', {}), { code: 'TASK_QUEUE_FULL' })
  release.resolve()
  assert.deepEqual(await endsOf(calls), { ok: 4 })
  assert.deepEqual(order, ['first', 'high', 'normal', 'normal'])
})

test('a caller whose request is not complete when another one begins has to ask again', async (t) => {
  const { client, host, directory } = createPool(t)
  const release = deferred()
  const running = host({ run: () => release.promise })
  const slow = connect(`${directory}/job.normal`).resume()
  await once(slow, 'connect')
  await eventually('it to be accepted', () => running.load().held === 1 || undefined)
  const other = client.run('x', {})
  await once(slow, 'close')
  assert.deepEqual([running.load().busy, running.load().held], [1, 0])
  release.resolve()
  await other
})

test('a caller that sends no request for five seconds is disconnected', async (t) => {
  const { host, directory, warnings } = createPool(t)
  host({ run: (input) => input })
  const silent = connect(`${directory}/job.normal`)
  await once(silent.resume(), 'close')
  assert.match(warnings.join(), /a caller of the task job has connected and sent no request for 5 s/)
})

test('results that their callers do not take hold further calls back, and not for good', async (t) => {
  const { client, host, directory } = createPool(t)
  const running = host({ run: (input) => (input === 'large' ? Buffer.alloc(40_000_000) : input) })
  const lazy = [1, 2].map(() => connect(`${directory}/job.normal`).pause())
  for (const [index, socket] of lazy.entries()) {
    send(socket, writeRequest({ sentAt: machineNow(), id: undefined, chain: [] }, 'large'))
    await eventually('the run', () => running.load().done === index + 1 || undefined)
  }
  await eventually('the end of the runs', () => running.load().busy === 0 || undefined)
  const call = client.run('x', {})
  const early = await Promise.race([call, new Promise((resolve) => setTimeout(() => resolve('none'), 200))])
  assert.equal(early, 'none')
  lazy[0]?.destroy()
  assert.equal(await call, 'x')
  lazy[1]?.destroy()
})

test('the time in the queue and the time of runs are measured', async (t) => {
  const { client, host } = createPool(t)
  const running = host({ run: (input) => input })
  for (let count = 0; count < 5; count += 1) await client.run(count, {})
  const { tasks, batches, batch_sizes: sizes, waits, runs } = running.stats()
  assert.deepEqual({ tasks, batches, sizes }, { tasks: 5, batches: 5, sizes: { 1: 5 } })
  for (const counts of [waits, runs])
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      5,
    )
})
