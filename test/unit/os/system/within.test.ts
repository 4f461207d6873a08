// A wait with a time limit: the value, the end of the time, and the timer.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mock, test, type TestContext } from 'node:test'
import { within } from '../../../../src/os/system/within.ts'

const never = new Promise<string>(() => undefined)

function mockTimers(t: TestContext): void {
  t.mock.timers.enable({ apis: ['setTimeout'] })
}

test('within resolves with the value of a promise that settles in time', async (t) => {
  mockTimers(t)
  assert.equal(await within(Promise.resolve('value'), 100), 'value')
  assert.equal(await within(Promise.resolve('value'), 100, { late: 'late' }), 'value')
})

test('within resolves with undefined when the time is up, and not before', async (t) => {
  mockTimers(t)
  const results: (string | undefined)[] = []
  const waiting = within(never, 100).then((result) => results.push(result))
  t.mock.timers.tick(99)
  await Promise.resolve()
  assert.deepEqual(results, [])
  t.mock.timers.tick(1)
  await waiting
  assert.deepEqual(results, [undefined])
})

test('within resolves with the given value when the time is up', async (t) => {
  mockTimers(t)
  const waiting = within(never, 100, { late: 'late', unref: true })
  t.mock.timers.tick(100)
  assert.equal(await waiting, 'late')
})

test('within rejects when the promise rejects in time, and ignores a later rejection', async (t) => {
  mockTimers(t)
  const error = new Error('reason')
  await assert.rejects(within(Promise.reject(error), 100), error)
  let fail: (error: Error) => void = assert.fail
  const waiting = within(new Promise((_resolve, reject) => (fail = reject)), 100)
  t.mock.timers.tick(100)
  fail(error)
  assert.equal(await waiting, undefined)
})

test('within waits as long as setTimeout can, however large the number is', async (t) => {
  mockTimers(t)
  let result: unknown = 'waiting'
  const waiting = within(never, Infinity).then((value) => (result = value))
  t.mock.timers.tick(2_147_483_646)
  await Promise.resolve()
  assert.equal(result, 'waiting')
  t.mock.timers.tick(1)
  await waiting
  assert.equal(result, undefined)
})

test('within clears its timer when the promise settles', async () => {
  const clear = mock.method(globalThis, 'clearTimeout')
  try {
    await within(Promise.resolve(), 60_000)
    await assert.rejects(within(Promise.reject(new Error('reason')), 60_000))
    assert.equal(clear.mock.callCount(), 2)
  } finally {
    clear.mock.restore()
  }
})

test('with unref the wait does not keep the process alive', () => {
  const url = new URL('../../../../src/os/system/within.ts', import.meta.url).href
  const run = (options: string): string => {
    const code =
      `import { within } from '${url}'\n` +
      `void within(new Promise(() => {}), ${options}).then(() => console.log('time is up'))`
    const words = ['--import', 'tsx', '--input-type=module', '-e', code]
    return spawnSync(process.execPath, words, { encoding: 'utf8' }).stdout
  }
  assert.equal(run('60_000, { unref: true }'), '')
  assert.equal(run('1'), 'time is up\n')
})
