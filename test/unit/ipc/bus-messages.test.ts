// What the broker sends to the arbiter is checked.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readBrokerOrder, readBrokerReport } from '../../../src/ipc/bus-messages.ts'

const figures = { published: 1, delivered: 2, dropped: 3, clients: 4, subscriptions: 5 }

test('reports of a broker are read, and what is none is not', () => {
  const reports = [
    { type: 'serving' },
    { type: 'failed', reason: 'no' },
    { type: 'figures', figures },
    { type: 'dropped', pid: 1, name: 'worker 1', messages: 2 },
  ]
  for (const report of reports) assert.deepEqual(readBrokerReport(report), report)
  const others = [
    undefined,
    'serving',
    { type: 'other' },
    { type: 'failed' },
    { type: 'figures' },
    { type: 'figures', figures: { ...figures, clients: -1 } },
    { type: 'figures', figures: { published: 1 } },
    { type: 'dropped', pid: 1, name: 'worker 1' },
    { type: 'dropped', pid: '1', name: 'worker 1', messages: 2 },
  ]
  for (const other of others) assert.equal(readBrokerReport(other), undefined)
})

test('orders of the master are read', () => {
  assert.deepEqual(readBrokerOrder({ type: 'stop', more: 1 }), { type: 'stop' })
  assert.equal(readBrokerOrder({ type: 'start' })?.type, 'start')
  for (const other of [undefined, 7, {}, { type: 'go' }]) assert.equal(readBrokerOrder(other), undefined)
})
