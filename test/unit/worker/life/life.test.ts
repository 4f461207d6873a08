// The life of a worker from its boot message on: what it sends, in which order, and the exit code of a boot
// that fails.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppBootError, AppError } from '../../../../src/config/app/errors.ts'
import { fakeWorker, later } from '../fake-worker.ts'

test('a worker boots, listens, is ready, and then sends beats', async () => {
  const { life, events, sent, clock } = fakeWorker({ values: { timeout: 30 } })
  await life.start()
  assert.deepEqual(events, [
    'begin',
    'boot',
    'listen',
    'report files',
    'send ready',
    'watch serve',
    'send beat',
    'watch beat',
  ])
  const figures = { requests: 9, busy: 4, connections: 5, overdue: 1, rss: 100, heapUsed: 20, heapLimit: 200 }
  assert.deepEqual(sent, [{ type: 'ready' }, { type: 'beat', ...figures }])
  await clock.pass(999)
  assert.equal(sent.length, 2)
  await clock.pass(1)
  assert.equal(sent.length, 3)
  await clock.pass(5000)
  assert.equal(sent.length, 8)
})

test('with trial it waits before it listens, and an ending in that time prevents that', async () => {
  const { life, events, clock } = fakeWorker({ message: { trial: 500 } })
  const started = life.start()
  await clock.pass(499)
  assert.deepEqual(events, ['begin', 'boot'])
  await clock.pass(1)
  await started
  assert.ok(events.includes('listen'))

  const ended = fakeWorker({ message: { trial: 500 } })
  const starting = ended.life.start()
  await ended.clock.pass(100)
  await ended.life.apply({ type: 'quit', reason: 'stop' })
  await ended.clock.pass(1000)
  await starting
  assert.ok(!ended.events.includes('listen'))
  assert.deepEqual(ended.exits, [0])
})

test('a worker that is retired while it opens its sockets is not ready any more', async () => {
  const listening = later<undefined>()
  const { life, sent, clock, exits } = fakeWorker({ listen: () => listening.promise })
  const started = life.start()
  await clock.pass(0)
  await life.apply({ type: 'retire', within: 1000, last: false, reason: 'stop' })
  listening.resolve(undefined)
  await started
  assert.deepEqual([sent, exits], [[], [0]])
})

test('--check-config ends after the boot with 0, without a socket and without the last hooks', async () => {
  const hooks = { worker_exit: () => assert.fail('no worker has served') }
  const { life, events, alarms } = fakeWorker({
    message: { checkOnly: true },
    values: { boot_timeout: 5 },
    hooks,
  })
  await life.start()
  assert.deepEqual(events, ['begin', 'boot', 'send ready', 'finish', 'exit 0'])
  assert.deepEqual(alarms, [])
})

test('a boot that fails is reported before the process ends with 3, or with 4 when there is no app', async () => {
  const error = new Error('no database')
  const failing = [{ begin: () => Promise.reject(error) }, { boot: () => Promise.reject(error) }]
  for (const options of [...failing, { listen: () => Promise.reject(error) }]) {
    const { life, sent, events, exits } = fakeWorker(options)
    await life.start()
    assert.equal(sent.length, 1)
    assert.ok(sent[0]?.type === 'boot_failed')
    assert.deepEqual([sent[0].failure, sent[0].error.message], ['boot', 'no database'])
    assert.deepEqual(events.slice(-3), ['send boot_failed', 'finish', 'exit 3'])
    assert.deepEqual(exits, [3])
  }
  for (const [thrown, failure, code] of [
    [new AppError('no export'), 'app', 4],
    [new AppBootError('it failed'), 'boot', 3],
  ] as const) {
    const { life, sent, exits } = fakeWorker({ boot: () => Promise.reject(thrown) })
    await life.start()
    assert.deepEqual(sent, [{ type: 'boot_failed', failure, error: { message: thrown.message, stack: '' } }])
    assert.deepEqual(exits, [code])
  }
})

test('a boot that fails after the worker was ordered to end is not reported', async () => {
  const booting = later<undefined>()
  const { life, sent, exits, clock } = fakeWorker({
    boot: () => booting.promise.then(() => Promise.reject(new Error('too late'))),
  })
  const started = life.start()
  await clock.pass(0)
  await life.apply({ type: 'quit', reason: 'stop' })
  booting.resolve(undefined)
  await started
  assert.deepEqual([sent, exits], [[], [0]])
})

test('with reload a worker that cannot boot reports its error and serves it', async () => {
  const { life, events, sent, exits } = fakeWorker({
    values: { reload: true },
    boot: () => Promise.reject(new AppError('no export')),
  })
  await life.start()
  assert.deepEqual(events.slice(0, 7), [
    'begin',
    'boot',
    'report files',
    'send broken',
    'error page: no export',
    'listen',
    'report files',
  ])
  assert.deepEqual(
    sent.map(({ type }) => type),
    ['broken', 'ready', 'beat'],
  )
  assert.deepEqual(sent[0], { type: 'broken', error: { message: 'no export', stack: '' } })
  assert.deepEqual(exits, [])
})

test('a worker that is ordered to end while it reports its error does not serve it', async () => {
  let ended: Promise<void> | undefined
  const worker = fakeWorker({
    values: { reload: true },
    boot: () => Promise.reject(new AppError('no export')),
    onSend: ({ type }) => {
      if (type === 'broken') ended = worker.life.apply({ type: 'quit', reason: 'stop' })
    },
  })
  await worker.life.start()
  await ended
  assert.ok(!worker.events.includes('listen'))
  assert.deepEqual(worker.exits, [0])
})

test('code that is known to be broken is not loaded; when its error cannot be served either, it fails', async () => {
  const broken = { message: 'unexpected token', stack: '' }
  const served = fakeWorker({ values: { reload: true }, message: { broken } })
  await served.life.start()
  assert.deepEqual(served.events.slice(0, 2), ['error page: unexpected token', 'listen'])
  const failing = fakeWorker({
    values: { reload: true },
    message: { broken },
    listen: () => Promise.reject(new Error('no socket')),
  })
  await failing.life.start()
  assert.deepEqual(failing.exits, [3])
})

test('with reload --check-config fails as without', async () => {
  const { life, exits } = fakeWorker({
    values: { reload: true },
    message: { checkOnly: true },
    boot: () => Promise.reject(new AppError('no export')),
  })
  await life.start()
  assert.deepEqual(exits, [4])
})

test('the path of health_check fails when the server is about to stop; without one nothing changes', async () => {
  const { life, events } = fakeWorker({ values: { health_check: '/healthz' } })
  await life.start()
  await life.apply({ type: 'unready' })
  assert.equal(events.at(-1), 'unready /healthz')
  const without = fakeWorker()
  await without.life.start()
  await without.life.apply({ type: 'unready' })
  assert.ok(!without.events.some((event) => event.startsWith('unready')))
})

test('challenges are confirmed with their number, also before the worker serves', async () => {
  const { life, events, sent } = fakeWorker()
  await life.apply({ type: 'challenges', nr: 1, sealed: 'x' })
  await life.start()
  await life.apply({ type: 'challenges', nr: 2, sealed: 'y' })
  assert.deepEqual(
    events.filter((event) => event.startsWith('answer')),
    ['answer x', 'answer y'],
  )
  assert.deepEqual(
    sent.filter(({ type }) => type === 'challenged'),
    [
      { type: 'challenged', nr: 1 },
      { type: 'challenged', nr: 2 },
    ],
  )
})

test('the watchdog thread can read the state, write the last lines, and run worker_abort', async () => {
  const { life, events } = fakeWorker({ hooks: { worker_abort: () => void events.push('worker_abort') } })
  const { calls } = life
  assert.equal(calls.describe().more, 0)
  calls.writeLast()
  assert.deepEqual(events, ['finish'])
  await life.start()
  assert.deepEqual([calls.describe().requests, calls.describe().more], [[], 4])
  events.length = 0
  calls.writeLast()
  calls.abort()
  assert.deepEqual(events, ['log in flight', 'finish', 'worker_abort', 'finish'])
})
