// Whether a pool has become what it should be.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isComplete } from '../../../../src/arbiter/pool/complete.ts'
import { worker } from '../records.ts'

test(
  'a pool is complete when every slot has a ready worker of the generation and no other worker holds one ' +
    'or accepts',
  () => {
    const current = [worker({ nr: 0, generation: 2 }), worker({ nr: 1, generation: 2 })]
    assert.ok(isComplete(current, 2, 2))
    assert.ok(!isComplete(current, 2, 3), 'a slot is empty')
    assert.ok(!isComplete(current, 2, 1), 'one too many')
    assert.ok(!isComplete(current, 3, 2), 'outdated')
    assert.ok(
      !isComplete(
        [worker({ nr: 0, generation: 2 }), worker({ nr: 1, generation: 2, state: 'booting' })],
        2,
        2,
      ),
    )
    const draining = worker({ age: 9, generation: 1, state: 'draining' })
    assert.ok(!isComplete([...current, draining], 2, 2), 'an old worker has not shut its gate yet')
    assert.ok(isComplete([...current, { ...draining, accepting: false }], 2, 2))
    assert.ok(isComplete([], 2, 0))
  },
)
