// The kernel's alarm counts in seconds, and leaves the arbiter time to act first.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemAlarm } from '../../../../src/worker/life/alarm.ts'

test('the alarm is rounded up, and five seconds later than asked', () => {
  const seconds: number[] = []
  const alarm = systemAlarm(() => ({ alarm: (value) => void seconds.push(value) }))
  alarm.set(1)
  alarm.set(1000)
  alarm.set(1001)
  alarm.cancel()
  assert.deepEqual(seconds, [6, 6, 7, 0])
})

test('the system calls are loaded once, because each load takes memory that is not freed', () => {
  let loads = 0
  const alarm = systemAlarm(() => {
    loads++
    return { alarm: () => undefined }
  })
  assert.equal(loads, 0)
  alarm.set(1000)
  alarm.set(1000)
  alarm.cancel()
  assert.equal(loads, 1)
})

test('where the call is missing nothing happens', () => {
  const alarm = systemAlarm(() => new Error('no koffi'))
  assert.doesNotThrow(() => {
    alarm.set(1000)
    alarm.cancel()
  })
})
