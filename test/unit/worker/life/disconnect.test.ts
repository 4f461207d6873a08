// A worker whose channel is closed: its master has exited, or its app has closed it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeWorker, type FakeWorker } from '../fake-worker.ts'

async function disconnected(parent: number, drained?: () => Promise<never>): Promise<FakeWorker> {
  const worker = fakeWorker({
    values: { graceful_timeout: 1.5, timeout: 30, boot_timeout: 0 },
    drained,
  })
  await worker.life.start()
  worker.world.parent = parent
  worker.world.isOpen = false
  worker.events.length = 0
  void worker.life.disconnected()
  return worker
}

test('a worker whose master has exited takes what waits, drains and exits with 0', async () => {
  const { clock, events, drains, exits, self, alarms } = await disconnected(1)
  assert.deepEqual(events, ['watch end'])
  await clock.pass(99)
  assert.deepEqual([drains, alarms], [[], [0, 31_500, 1500]])
  await clock.pass(1)
  const [drain] = drains
  assert.deepEqual([drain?.within, drain?.last, drain?.hurry], [1500, true, false])
  assert.deepEqual([self.exit, exits], [{ reason: 'orphaned', code: 0 }, [0]])
  assert.ok(!events.some((event) => /^(?:log|report)/.test(event)))
})

test('a worker whose app has closed the channel says so, leaves the queue to others, and exits with 69', async () => {
  const { clock, events, drains, exits, self } = await disconnected(50)
  await clock.pass(100)
  // so that the master has more than the exit code
  assert.ok(events.join().includes('report beat,report disconnected'))
  assert.match(events.find((event) => event.startsWith('log')) ?? '', /process\.disconnect.*is replaced$/)
  assert.deepEqual([drains[0]?.within, drains[0]?.last], [1500, false])
  assert.deepEqual([self.exit, exits], [{ reason: 'disconnected', code: 69 }, [69]])
})

test('it sends no beats any more, and ends after graceful_timeout and a margin even if the drain hangs', async () => {
  const { clock, sent, exits } = await disconnected(1, () => new Promise(() => undefined))
  const before = sent.length
  await clock.pass(5999)
  assert.deepEqual([sent.length, exits], [before, []])
  await clock.pass(1)
  assert.deepEqual(exits, [1])
})
