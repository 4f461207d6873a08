// Loads of code of several servers in one process.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inTurn } from '../../../../src/os/process/turns.ts'

test('turns follow each other, each with its number, also after one that fails', async () => {
  const seen: string[] = []
  const step =
    (name: string, fails = false) =>
    async (turn: number) => {
      seen.push(`${name} begins`)
      await new Promise((resolve) => setImmediate(resolve))
      seen.push(`${name} ends`)
      if (fails) throw new Error(name)
      return turn
    }
  const [first, second, third] = await Promise.allSettled([
    inTurn(step('a')),
    inTurn(step('b', true)),
    inTurn(step('c')),
  ])
  assert.deepEqual(seen, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  assert.equal(second.status, 'rejected')
  assert.ok(first.status === 'fulfilled' && third.status === 'fulfilled')
  assert.equal(third.value - first.value, 2)
})
