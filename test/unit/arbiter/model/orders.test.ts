// Which orders are accepted.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusal } from '../../../../src/arbiter/model/orders.ts'

test('a server that stops refuses orders that only make sense in service', () => {
  for (const order of [{ type: 'reload' }, { type: 'scale', to: 3 }, { type: 'upgrade' }] as const)
    assert.equal(refusal(order, { stopping: true, noUpgrade: undefined }), 'the server is stopping')
  for (const order of [
    { type: 'stop', mode: 'quick' },
    { type: 'reopen' },
    { type: 'rotate', log: 'all' },
  ] as const)
    assert.equal(refusal(order, { stopping: true, noUpgrade: undefined }), undefined)
  const noUpgrade = 'a new master is running already'
  assert.equal(refusal({ type: 'upgrade' }, { stopping: false, noUpgrade }), noUpgrade)
  assert.equal(refusal({ type: 'reload' }, { stopping: false, noUpgrade: 'there is one already' }), undefined)
})
