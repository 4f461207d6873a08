// How often a worker reports, and the alarm that ends it when it no longer does.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeWorker } from '../fake-worker.ts'

async function beatsIn(milliseconds: number, timeout: number): Promise<number> {
  const { life, sent, clock } = fakeWorker({ values: { timeout } })
  await life.start()
  await clock.pass(milliseconds)
  return sent.filter(({ type }) => type === 'beat').length
}

test('there are four beats within timeout, and at least one a second', async () => {
  assert.equal(await beatsIn(2000, 1), 9)
  assert.equal(await beatsIn(2000, 2), 5)
  assert.equal(await beatsIn(2000, 4), 3)
  assert.equal(await beatsIn(2000, 60), 3)
  assert.equal(await beatsIn(2000, 0), 3)
})

test('the alarm of the boot is set before it begins and cancelled when the worker serves', async () => {
  const { life, alarms } = fakeWorker({ values: { boot_timeout: 20, timeout: 0 } })
  const started = life.start()
  assert.deepEqual(alarms, [20_000])
  await started
  assert.deepEqual(alarms, [20_000, 0])
})

test('without boot_timeout, or with a debugger, a boot has no alarm', async () => {
  const without = fakeWorker({ values: { boot_timeout: 0, timeout: 0 } })
  await without.life.start()
  assert.deepEqual(without.alarms, [0])
  const debugged = fakeWorker({ values: { boot_timeout: 20, timeout: 30 } })
  debugged.world.debugged = true
  await debugged.life.start()
  assert.deepEqual(debugged.alarms, [0, 0])
})

test('each beat sets the alarm to timeout and graceful_timeout, and a debugger cancels it', async () => {
  const { life, alarms, clock, world } = fakeWorker({
    values: { boot_timeout: 0, timeout: 30, graceful_timeout: 10 },
  })
  await life.start()
  await clock.pass(1000)
  assert.deepEqual(alarms, [0, 40_000, 40_000])
  world.debugged = true
  await clock.pass(1000)
  assert.deepEqual(alarms, [0, 40_000, 40_000, 0])
})

test('a closed channel that no event has reported is noticed by a beat', async () => {
  const { life, sent, clock, world, exits } = fakeWorker({ values: { timeout: 30 } })
  await life.start()
  world.isOpen = false
  world.parent = 1
  await clock.pass(1000)
  assert.equal(sent.length, 2)
  await clock.pass(100)
  assert.deepEqual(exits, [0])
})
