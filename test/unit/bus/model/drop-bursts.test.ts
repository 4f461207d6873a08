// Dropped messages are reported once for many.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DropBursts } from '../../../../src/bus/model/drop-bursts.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

test('a burst is reported after a second, and one that goes on at most once a minute', () => {
  const clock = new FakeClock()
  const reports: number[] = []
  const bursts = new DropBursts(clock, (messages) => reports.push(messages))
  const drop = (messages: number): void => {
    for (let nr = 0; nr < messages; nr += 1) bursts.note()
  }
  drop(3)
  clock.advance(500)
  drop(2)
  assert.deepEqual(reports, [])
  clock.advance(500)
  assert.deepEqual(reports, [5])
  drop(4)
  clock.advance(59_000)
  drop(1)
  assert.deepEqual(reports, [5])
  clock.advance(1000)
  assert.deepEqual(reports, [5, 5])
  clock.advance(600_000)
  drop(1)
  clock.advance(1000)
  assert.deepEqual(reports, [5, 5, 1])
})
