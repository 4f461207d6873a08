// The draw of mutation points.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawEvenly, seededRandom } from './draw.ts'

const hundred = Array.from({ length: 100 }, (_, index) => index)

test('the same seed draws the same items, another seed others', () => {
  const draw = (seed: number): readonly number[] => drawEvenly(hundred, 10, seededRandom(seed))
  assert.deepEqual(draw(1), draw(1))
  assert.notDeepEqual(draw(1), draw(2))
})

test('one item is drawn out of each stretch of equal length', () => {
  const drawn = drawEvenly(hundred, 10, seededRandom(3))
  assert.deepEqual(
    drawn.map((item) => Math.floor(item / 10)),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  )
})

test('no item is drawn twice if the items cannot be divided evenly', () => {
  const drawn = drawEvenly(hundred, 37, seededRandom(4))
  assert.equal(new Set(drawn).size, 37)
})

test('every item is drawn if there are fewer than asked for', () => {
  assert.deepEqual(drawEvenly(hundred, 200, seededRandom(5)), hundred)
})
