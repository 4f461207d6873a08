// The sockets of slots: opened once more for each worker, closed when their slot is removed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAddress } from '../../../src/listen/address.ts'
import { noSlots, SlotSockets } from '../../../src/listen/slot-sockets.ts'
import { socketOf } from '../arbiter/world/generations.ts'

function slotsWith(paths: readonly string[]): { slots: SlotSockets; closed: string[] } {
  const closed: string[] = []
  const slots = new SlotSockets(
    paths.map((path) => ({ kind: 'unix', path })),
    {
      open(addresses, taken) {
        taken(addresses.map((address) => socketOf(formatAddress(address))))
        return Promise.resolve()
      },
      close: (listeners) => void closed.push(...listeners.map(({ url }) => url)),
    },
  )
  return { slots, closed }
}

test('each slot has a socket for each address', async () => {
  const { slots, closed } = slotsWith(['/a.{nr}', '/b.{nr}'])
  await slots.open(1)
  await slots.open(0)
  await slots.open(1)
  assert.deepEqual(
    slots.of(1).map(({ url }) => url),
    ['unix:/a.1', 'unix:/b.1'],
  )
  assert.equal(slots.all().length, 4)
  assert.deepEqual(slots.of(2), [])
  slots.keepOnly((nr) => nr < 1)
  assert.deepEqual(closed, ['unix:/a.1', 'unix:/b.1'])
  assert.deepEqual([slots.of(1), slots.all().length], [[], 2])
  slots.keepOnly((nr) => nr < 1)
  assert.equal(closed.length, 2)
})

test('a server without {nr} opens nothing for a slot', async () => {
  const slots = noSlots()
  await slots.open(0)
  assert.deepEqual(slots.all(), [])
})
