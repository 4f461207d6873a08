// What the old arbiter hands to the new one, and the one message that comes back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFirstMessage, readHandover, writeHandover } from '../../../../src/arbiter/upgrade/handover.ts'
import { socketOf } from '../world/generations.ts'

test('the sockets are read as they were written, each with its descriptor', () => {
  const file = { path: '/b.sock', dev: 1, ino: 2 }
  const listeners = [
    { ...socketOf('unix:/a.sock'), activation: 'web', foreign: true },
    { ...socketOf('unix:/b.sock'), file },
  ]
  const handover = writeHandover(99, { listeners, locks: [{ name: 'poller/0', fd: 31 }] })
  const { pid, tell, life, sockets, locks } = readHandover(handover)
  assert.deepEqual([pid, tell, life], [99, 3, 4])
  assert.deepEqual(
    sockets.map((socket) => [socket.fd, socket.requested, socket.foreign, socket.activation, socket.file]),
    [
      [5, 'unix:/a.sock', true, 'web', undefined],
      [6, 'unix:/b.sock', false, undefined, file],
    ],
  )
  assert.deepEqual(locks, [{ name: 'poller/0', fd: 7 }])
  assert.deepEqual(sockets[0]?.address, { kind: 'unix', path: '/a.sock' })
})

test('the socket of the bus comes after the others, and is absent in a handover of a version without it', () => {
  const one = { listeners: [socketOf('unix:/a.sock')], locks: [{ name: 'poller.0', fd: 3 }] }
  const { bus } = readHandover(writeHandover(99, { ...one, bus: { fd: 9, path: '/tmp/bus/socket' } }))
  assert.deepEqual(bus, { fd: 7, path: '/tmp/bus/socket' })
  assert.equal(readHandover(writeHandover(99, one)).bus, undefined)
  const whole = { pid: 1, tell: 3, life: 4, sockets: [] }
  for (const wrong of [null, { fd: 6 }, { path: '/a' }, { fd: '6', path: '/a' }])
    assert.equal(readHandover(JSON.stringify({ ...whole, bus: wrong })).bus, undefined)
})

test('what is not a handover is refused with the reason', () => {
  assert.throws(() => readHandover('no'), /^RangeError: it is not JSON$/)
  const whole = { pid: 1, tell: 3, life: 4, sockets: [] }
  assert.deepEqual(readHandover(JSON.stringify(whole)).locks, [], 'of an older version')
  for (const missing of ['pid', 'tell', 'life', 'sockets', 'locks'])
    assert.throws(() => readHandover(JSON.stringify({ ...whole, [missing]: 'x' })), /not the handover/)
  for (const wrong of ['3', null, 1.5])
    assert.throws(() => readHandover(JSON.stringify({ ...whole, pid: wrong })), /not the handover/)
  const socket = { fd: 5, requested: ':1', address: ':1' }
  for (const missing of ['fd', 'requested', 'address'])
    assert.throws(
      () => readHandover(JSON.stringify({ ...whole, sockets: [{ ...socket, [missing]: null }] })),
      /the description of a socket is incomplete/,
    )
  for (const missing of ['path', 'dev', 'ino']) {
    const file = { path: '/a', dev: 1, ino: 2, [missing]: null }
    const [read] = readHandover(JSON.stringify({ ...whole, sockets: [{ ...socket, file }] })).sockets
    assert.equal(read?.file, undefined)
  }
})

test('the first message says that the new arbiter serves, or why it does not', () => {
  assert.deepEqual(readFirstMessage('{"pid":1}'), { serves: true })
  assert.deepEqual(readFirstMessage('{"failed":"no"}'), { failed: 'no' })
  assert.throws(() => readFirstMessage('{'), /not JSON/)
})
