// The gate of a host: what it does when descriptors run out, and how it starts.

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { errorPause, QueueGate, type GateOptions } from '../../../../src/tasks/host/queue-gate.ts'
import { priorities } from '../../../../src/tasks/model/queues.ts'
import { createPool, native } from '../pool.ts'

function openGate(t: TestContext, options: Partial<GateOptions>): { gate: QueueGate; errors: Error[] } {
  const { queues } = createPool(t)
  const errors: Error[] = []
  const gate = new QueueGate({
    queues,
    backlog: 8,
    calls: { dup: native().dup, hasWaiting: () => false },
    onConnection: () => undefined,
    onError: (error) => void errors.push(error),
    ...options,
  })
  t.after(() => gate.shut())
  return { gate, errors }
}

test('a start rejects when a queue cannot be used', async (t) => {
  const { gate } = openGate(t, { queues: { high: 9999, normal: 9998 } })
  await assert.rejects(gate.start(), /EBADF/)
})

test('without a free descriptor it reports that, and accepts again after a pause', async (t) => {
  let isShort = false
  const dup = (fd: number): number => {
    if (isShort) throw new Error('dup EMFILE')
    return native().dup(fd)
  }
  const { gate, errors } = openGate(t, { calls: { dup, hasWaiting: () => false } })
  await gate.start()
  gate.close()
  isShort = true
  gate.open(priorities)
  assert.deepEqual(errors.map(String), ['Error: dup EMFILE'])
  assert.equal(gate.isPaused, true)
  isShort = false
  await delay(errorPause)
  assert.equal(gate.isPaused, false)
  await gate.start()
})

test('opening and closing leaves no descriptor behind', async (t) => {
  const { gate } = openGate(t, {})
  await gate.start()
  const before = readdirSync('/proc/self/fd').length
  for (let count = 0; count < 50; count += 1) {
    gate.close()
    gate.open(count % 2 === 0 ? ['high'] : priorities)
  }
  gate.open(priorities)
  await delay(20) // closed handles are released in a later turn
  assert.equal(readdirSync('/proc/self/fd').length, before)
})
