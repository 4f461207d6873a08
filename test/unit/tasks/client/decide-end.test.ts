// What follows when a connection ends without a result.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideEnd, mostReturns, type CallSoFar } from '../../../../src/tasks/client/decide-end.ts'
import { BadFrame } from '../../../../src/tasks/wire/frame.ts'

const waiting: CallSoFar = {
  begun: undefined,
  mayRunAgain: false,
  returned: 1,
  unreachable: 0,
  isStopping: false,
}
const alone = { batch: 1, isOverTime: false }
const system = (code: string): Error => Object.assign(new Error(code), { code })
const again = { do: 'connect', after: 0, alone: true }
const fail = (as: string): object => ({ do: 'fail', as })

test('a full queue is refused at once', () => {
  assert.deepEqual(decideEnd(system('EAGAIN'), waiting), fail('TASK_QUEUE_FULL'))
})

test('a call that has not begun connects again at once, later with pauses, and not without end', () => {
  const next = (returned: number): unknown => decideEnd(undefined, { ...waiting, returned })
  assert.deepEqual(next(1), { do: 'connect', after: 0, alone: false })
  assert.deepEqual(next(5), { do: 'connect', after: 100, alone: false })
  assert.deepEqual(next(mostReturns), { do: 'connect', after: 250, alone: false })
  assert.deepEqual(next(mostReturns + 1), fail('TASK_LOST'))
  assert.deepEqual(decideEnd(system('ECONNRESET'), waiting), decideEnd(undefined, waiting))
  assert.deepEqual(decideEnd(system('EPIPE'), waiting), decideEnd(undefined, waiting))
})

test('a queue that cannot be reached is tried for five seconds', () => {
  for (const code of ['ECONNREFUSED', 'ENOENT']) {
    const next = (unreachable: number): unknown => decideEnd(system(code), { ...waiting, unreachable })
    assert.deepEqual(next(0), { do: 'connect', after: 20, alone: false })
    assert.deepEqual(next(4999), { do: 'connect', after: 250, alone: false })
    assert.deepEqual(next(5000), fail('TASK_LOST'))
    assert.deepEqual(decideEnd(system(code), { ...waiting, isStopping: true }), fail('TASK_STOPPING'))
  }
})

test('another error of the system is no reason to try again', () => {
  assert.deepEqual(decideEnd(system('EMFILE'), waiting), fail('TASK_LOST'))
})

test('a run that is lost runs again alone, if it may', () => {
  assert.deepEqual(decideEnd(undefined, { ...waiting, begun: alone }), fail('TASK_LOST'))
  assert.deepEqual(decideEnd(undefined, { ...waiting, begun: alone, mayRunAgain: true }), again)
})

test('a run that took too long runs again only if another one of its batch may be to blame', () => {
  const overTime = { ...waiting, mayRunAgain: true, begun: { batch: 1, isOverTime: true } }
  assert.deepEqual(decideEnd(undefined, overTime), fail('TASK_TIMEOUT'))
  assert.deepEqual(decideEnd(undefined, { ...overTime, begun: { batch: 2, isOverTime: true } }), again)
})

test('a process that sends no messages is not asked again', () => {
  const call = { ...waiting, begun: alone, mayRunAgain: true }
  assert.deepEqual(decideEnd(new BadFrame('x'), call), fail('TASK_LOST'))
})
