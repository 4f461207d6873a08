// Requests in flight in shared memory: another reader sees what is there now, and nothing that a client sends
// leaves its place.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Board } from '../../../../src/serving/connections/board.ts'

test(
  'another reader of the memory sees the requests in flight, oldest first, and none that has ' + 'ended',
  () => {
    const board = new Board()
    const reader = new Board(board.memory)
    const [first, second, third] = [board.claim(), board.claim(), board.claim()]
    board.post(second, { method: 'GET', url: '/second' }, 20)
    board.post(first, { method: 'POST', url: '/first?a=1' }, 10)
    board.post(third, { method: 'GET', url: '/third' }, 30)
    board.busy = 3
    assert.deepEqual(reader.read(), [
      { method: 'POST', path: '/first?a=1', startedAt: 10 },
      { method: 'GET', path: '/second', startedAt: 20 },
      { method: 'GET', path: '/third', startedAt: 30 },
    ])
    assert.equal(reader.busy, 3)
    board.clear(second)
    board.release(first)
    assert.deepEqual(
      reader.read().map(({ path }) => path),
      ['/third'],
    )
  },
)

test('a target that is long, or not of ASCII, stays in its place', () => {
  const board = new Board()
  const places = [board.claim(), board.claim()] as const
  board.post(places[1], { method: 'GET', url: '/neighbour' }, 2)
  board.post(places[0], { method: 'M'.repeat(100), url: `/${'é日'.repeat(1000)}` }, 1)
  const [long, neighbour] = board.read()
  assert.equal(long?.method, 'M'.repeat(32))
  assert.ok(long.path.length > 200 && long.path.length < 256)
  assert.deepEqual(neighbour, { method: 'GET', path: '/neighbour', startedAt: 2 })
})

test('connections beyond the last place are not shown, and a place that is given back is used again', () => {
  const board = new Board()
  const places = Array.from({ length: 128 }, () => board.claim())
  assert.equal(new Set(places).size, 128)
  assert.ok(!places.includes(0))
  assert.equal(board.claim(), 0)
  board.post(0, { method: 'GET', url: '/unseen' }, 1)
  assert.deepEqual(board.read(), [])
  board.release(0)
  assert.equal(board.claim(), 0)
  board.release(places[5] ?? 0)
  assert.equal(board.claim(), places[5])
})
