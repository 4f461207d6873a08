// The first bytes of a connection decide, and whoever reads it afterwards gets them too.

import assert from 'node:assert/strict'
import type { Duplex } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { Socket } from 'node:net'
import { awaitFirstBytes, type FirstBytes } from '../../../../src/serving/accept/first-bytes.ts'

interface Awaited {
  readonly socket: Socket
  /** What was decided, each time that it was. */
  readonly known: string[]
}

const inWords = (outcome: FirstBytes<string>): string =>
  outcome.kind === 'known'
    ? outcome.value
    : `${outcome.kind}${'hasBytes' in outcome && outcome.hasBytes ? ' within' : ''}`

/** Decides on three bytes. */
function awaitThree(patience = 0): Awaited {
  const socket = new Socket()
  socket._read = () => undefined
  const known: string[] = []
  const decide = (bytes: Buffer): string | undefined => (bytes.length < 3 ? undefined : bytes.toString())
  awaitFirstBytes(socket, { patience, decide }, (outcome) => known.push(inWords(outcome)))
  return { socket, known }
}

const listeners = (socket: Duplex): number =>
  ['readable', 'end', 'error'].reduce((count, event) => count + socket.listenerCount(event), 0)

test('bytes that arrive one by one decide once, and are all still to be read', async () => {
  const before = listeners(new Socket())
  const { socket, known } = awaitThree()
  for (const byte of ['a', 'b', 'c']) {
    assert.deepEqual(known, [])
    socket.push(byte)
    await nextTurn()
  }
  assert.deepEqual(known, ['abc'])
  assert.equal(listeners(socket), before)
  socket.push('d')
  socket.push(null)
  assert.equal(Buffer.concat(await socket.toArray()).toString(), 'abcd')
})

test('a connection that ends, fails or closes before is not decided', async () => {
  for (const end of [
    (socket: Socket) => void socket.push(null),
    (socket: Socket) => void socket.destroy(),
    (socket: Socket) => void socket.destroy(new Error('reset')),
  ]) {
    const { socket, known } = awaitThree()
    socket.on('error', () => undefined)
    socket.push('ab')
    await nextTurn()
    end(socket)
    await nextTurn()
    await nextTurn()
    assert.deepEqual(known, ['ended within'])
  }
})

test('the time is for all bytes together, and 0 is no limit', async (t: TestContext) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const [limited, patient] = [awaitThree(1000), awaitThree(0)]
  t.mock.timers.tick(999)
  limited.socket.push('a')
  await nextTurn()
  assert.deepEqual(limited.known, [])
  t.mock.timers.tick(1)
  assert.deepEqual(limited.known, [], 'what has arrived by now is read first')
  await nextTurn()
  assert.deepEqual(limited.known, ['timeout'])
  assert.equal(String(limited.socket.read()), 'a', 'what has arrived is still to be read')
  t.mock.timers.tick(1_000_000)
  assert.deepEqual(patient.known, [])
  patient.socket.push('abc')
  await nextTurn()
  assert.deepEqual(patient.known, ['abc'])
})

test('after the decision the time is over too', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { socket, known } = awaitThree(1000)
  socket.push('abc')
  await nextTurn()
  t.mock.timers.tick(5000)
  assert.deepEqual(known, ['abc'])
})
