// The gate of a host: what it does when descriptors run out, and how it starts.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { errorPause, QueueGate, type GateOptions } from '../../../../src/tasks/host/queue-gate.ts'
import { backlogOf, priorities, queuePath } from '../../../../src/tasks/model/queues.ts'
import { createPool, native } from '../pool.ts'

function openGate(t: TestContext, options: Partial<GateOptions>): { gate: QueueGate; errors: Error[] } {
  const { queues } = createPool(t)
  const errors: Error[] = []
  const gate = new QueueGate({
    queues,
    backlog: 8,
    calls: { ...native(), hasWaiting: () => false },
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
  const { gate, errors } = openGate(t, { calls: { ...native(), dup, hasWaiting: () => false } })
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

for (const maxQueue of [1, 2, 5])
  test(`a queue of ${maxQueue} still holds ${maxQueue} when a process has listened on it`, async (t) => {
    const { queues, directory } = createPool(t)
    const { gate } = openGate(t, { queues, backlog: backlogOf(maxQueue) })
    await gate.start()
    gate.close()
    await delay(20) // closed handles are released in a later turn
    const outcomes: string[] = []
    for (let count = 0; count < maxQueue + 2; count += 1) {
      const socket = connect(queuePath(directory, 'job', 'normal'))
      t.after(() => socket.destroy())
      const failure = await once(socket, 'connect').then(
        () => undefined,
        (error: unknown) => String(error),
      )
      outcomes.push(failure === undefined ? 'waits' : (/EAGAIN/.exec(failure)?.[0] ?? failure))
    }
    assert.deepEqual(outcomes, [...Array<string>(maxQueue).fill('waits'), 'EAGAIN', 'EAGAIN'])
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
