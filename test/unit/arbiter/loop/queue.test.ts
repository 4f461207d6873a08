// The one queue of the arbiter.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommandQueue } from '../../../../src/arbiter/loop/queue.ts'

test('commands come out of the queue in their order, also for a take that waits already', async () => {
  const queue = new CommandQueue()
  const waiting = queue.take()
  queue.put({ type: 'tick' })
  queue.put({ type: 'start', age: 1 })
  queue.put({ type: 'start', age: 2 })
  assert.deepEqual(
    [await waiting, await queue.take(), await queue.take()],
    [{ type: 'tick' }, { type: 'start', age: 1 }, { type: 'start', age: 2 }],
  )
})
