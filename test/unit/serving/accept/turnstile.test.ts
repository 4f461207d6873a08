// One connection at a time, with sockets that are streams and a clock that the test moves.

import assert from 'node:assert/strict'
import { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Turnstile } from '../../../../src/serving/accept/turnstile.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

interface Setup {
  readonly turnstile: Turnstile
  readonly clock: FakeClock
  readonly served: Duplex[]
  /** What `isOccupied` was, each time that it may have changed without a connection. */
  readonly changes: readonly boolean[]
  admit(bytes?: string): Promise<Duplex>
}

function setup(limit = 10): Setup {
  const clock = new FakeClock()
  const served: Duplex[] = []
  const changes: boolean[] = []
  const turnstile: Turnstile = new Turnstile({
    serve: (socket) => served.push(socket),
    onChange: () => void changes.push(turnstile.isOccupied),
    afterReads: (callback) => callback(),
    headTime: 0,
    limit,
    clock,
  })
  const admit = async (bytes?: string): Promise<Duplex> => {
    const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
    turnstile.admit(stream as Socket, 0) // what is used of a socket
    if (bytes !== undefined) stream.push(bytes)
    await nextTurn()
    await nextTurn()
    return stream
  }
  return { turnstile, clock, served, changes, admit }
}

test('it is occupied from a connection to its end', async () => {
  const { turnstile, served, admit, changes } = setup()
  assert.equal(turnstile.isOccupied, false)
  const socket = await admit('GET')
  assert.deepEqual(served, [socket])
  assert.equal(turnstile.isOccupied, true)
  assert.deepEqual(changes, [true])
  assert.equal(String(socket.read()), 'GET', 'its bytes are still to be read')
  turnstile.closed()
  assert.equal(turnstile.isOccupied, false)
  assert.deepEqual(changes, [true, false])
})

test('a silent connection occupies it for a moment, more of them for shorter ones', async () => {
  const { turnstile, clock, served, admit } = setup()
  await admit()
  assert.equal(turnstile.isOccupied, true)
  clock.advance(5)
  assert.equal(turnstile.isOccupied, false)
  await admit()
  clock.advance(2.5)
  assert.equal(turnstile.isOccupied, false)
  assert.equal(turnstile.waiting, 2)
  assert.deepEqual(served, [])
})

test('when a connection that was silent begins to send, it is occupied again', async () => {
  const { clock, served, admit, changes } = setup()
  const silent = await admit()
  clock.advance(5)
  assert.deepEqual(changes, [false])
  silent.push('GET')
  await nextTurn()
  await nextTurn()
  assert.deepEqual([served, changes.at(-1)], [[silent], true])
})

test('connections that were silent are served one after the other when they send', async () => {
  const { turnstile, clock, served, admit } = setup()
  const one = await admit()
  clock.advance(5)
  const other = await admit()
  clock.advance(5)
  other.push('a')
  one.push('b')
  await nextTurn()
  assert.deepEqual(served, [other])
  assert.equal(turnstile.isOccupied, true)
  turnstile.closed()
  assert.deepEqual(served, [other, one])
  assert.equal(turnstile.isOccupied, true)
})

test('as many silent ones as it may have occupy it, until one leaves', async () => {
  const { turnstile, clock, admit } = setup(2)
  const [first] = [await admit(), await admit()]
  clock.advance(10)
  assert.equal(turnstile.isOccupied, true)
  first.destroy()
  await nextTurn()
  assert.equal(turnstile.isOccupied, false)
  assert.equal(turnstile.waiting, 1)
})

test('in a drain silent ones get some time, and those that have sent are served', async () => {
  const { turnstile, clock, served, admit } = setup()
  const silent = await admit()
  clock.advance(5)
  await admit('a')
  const waits = await admit('b')
  const empty = turnstile.empty(1000)
  clock.advance(999)
  assert.equal(silent.destroyed, false)
  clock.advance(1)
  await nextTurn()
  assert.equal(silent.destroyed, true)
  assert.ok(!served.includes(waits))
  turnstile.closed()
  await empty
  assert.ok(served.includes(waits))
})
