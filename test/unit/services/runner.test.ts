// The call of start(): its turn, its end, and what counts as a failure.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import pino from 'pino'
import type { ServiceStart } from '../../../src/services/context.ts'
import { Runner, type RunnerOptions } from '../../../src/services/runner.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

interface Made {
  readonly runner: Runner
  readonly clock: FakeClock
  readonly failures: unknown[]
  readonly running: () => number
  readonly logged: string[]
}

function runnerOf(start: ServiceStart, options: Partial<RunnerOptions> = {}): Made {
  const clock = new FakeClock()
  const failures: unknown[] = []
  const logged: string[] = []
  let running = 0
  const runner = new Runner({
    name: 'poller',
    nr: 2,
    start,
    log: pino({}, { write: (line: string) => void logged.push(line) }),
    clock,
    onRunning: () => (running += 1),
    onFailure: (error) => failures.push(error),
    ...options,
  })
  return { runner, clock, failures, running: () => running, logged }
}

const untilAborted: ServiceStart = ({ signal }) =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve()))

test('start() gets its name, its number and a signal, which an end aborts with a reason', async () => {
  const seen: unknown[] = []
  const { runner, clock, failures, running } = runnerOf(async (context) => {
    seen.push(context.name, context.nr)
    await untilAborted(context)
    seen.push(String(context.signal.reason))
  })
  runner.begin()
  await clock.pass(999)
  assert.equal(running(), 0)
  await clock.pass(1)
  assert.equal(running(), 1)
  assert.equal(await runner.end(1000), true)
  assert.deepEqual(seen, ['poller', 2, 'Error: this process of the service poller is to end'])
  assert.deepEqual(failures, [])
})

test('start() is called when the instance before has released the lock, and not at all after an end', async () => {
  let isFree = false
  let calls = 0
  const start: ServiceStart = (context) => {
    calls += 1
    return untilAborted(context)
  }
  const one = runnerOf(start, { lock: () => isFree })
  one.runner.begin()
  await one.clock.pass(5000)
  assert.equal(calls, 0)
  assert.equal(one.running(), 0, 'the time of the wait does not count')
  isFree = true
  await one.clock.pass(20)
  assert.equal(calls, 1)

  isFree = false
  const other = runnerOf(start, { lock: () => isFree })
  other.runner.begin()
  await other.clock.pass(100)
  const ended = other.runner.end(1000)
  isFree = true
  await other.clock.pass(20)
  assert.equal(await ended, true)
  assert.equal(calls, 1)
})

test('one that throws, rejects or returns before its signal has failed, and does not count as running', async () => {
  const throws: ServiceStart = () => {
    throw new Error('no queue')
  }
  const expected = [/no queue/, /no queue/, /has returned before its signal was aborted/]
  const starts: readonly ServiceStart[] = [
    throws,
    () => Promise.reject(new Error('no queue')),
    () => undefined,
  ]
  for (const [index, start] of starts.entries()) {
    const { runner, clock, failures, running } = runnerOf(start)
    runner.begin()
    await clock.pass(5000)
    assert.equal(failures.length, 1)
    assert.match(String(failures[0]), expected[index] ?? /never/)
    assert.equal(running(), 0)
  }
})

test('a failure while it ends is logged, and one that does not end in time is reported', async () => {
  const failing = runnerOf(({ signal }) =>
    once(signal, 'abort').then(() => Promise.reject(new Error('late'))),
  )
  failing.runner.begin()
  await turn()
  assert.equal(await failing.runner.end(1000), true)
  assert.deepEqual(failing.failures, [])
  assert.match(failing.logged.join(), /start\(\) of the service poller failed while it ended/)

  const stuck = runnerOf(() => new Promise(() => undefined))
  stuck.runner.begin()
  assert.equal(await stuck.runner.end(1), false)
})

test('an end before the begin is an end', async () => {
  const { runner } = runnerOf(untilAborted)
  assert.equal(await runner.end(10), true)
})

test('start() gets the number of the lock, which is released when it has settled', async () => {
  const done: unknown[] = []
  const lease = {
    take: () => Promise.resolve(42),
    release: () => Promise.resolve(void done.push('released')),
  }
  const { runner, clock } = runnerOf(
    async (context) => {
      done.push(context.fence)
      await untilAborted(context)
      done.push('settled')
    },
    { lease: () => lease },
  )
  runner.begin()
  await clock.pass(10)
  assert.equal(await runner.end(1000), true)
  assert.deepEqual(done, [42, 'settled', 'released'])
})

test('a lost lock aborts the signal, and is a failure when start() has settled', async () => {
  const lose: ((reason: Error) => void)[] = []
  let released = 0
  const { runner, clock, failures, logged } = runnerOf(untilAborted, {
    lease: (onLost) => {
      lose.push(onLost)
      return { take: () => Promise.resolve(1), release: () => Promise.resolve(void (released += 1)) }
    },
  })
  runner.begin()
  await clock.pass(2000)
  lose[0]?.(new Error('the lock is lost: gone'))
  await clock.pass(10)
  assert.match(String(failures), /the lock is lost: gone/)
  assert.equal(released, 1)
  assert.match(logged.join(), /has to end: the lock is lost/)
})

test('an end while it waits for the lock over several machines calls no start()', async () => {
  let calls = 0
  const { runner, clock } = runnerOf(() => void (calls += 1), {
    lease: () => ({
      take: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined))),
      release: () => Promise.resolve(),
    }),
  })
  runner.begin()
  await clock.pass(5000)
  assert.equal(await runner.end(100), true)
  assert.equal(calls, 0)
})
