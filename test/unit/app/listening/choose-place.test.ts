// Which address of `bind` a server gets that listens by itself.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressInfo, bindAddress, portVariables } from '../../../../src/app/listening/bind-address.ts'
import { choosePlace, displaced, type Given } from '../../../../src/app/listening/choose-place.ts'
import { listenRequest } from '../../../../src/app/listening/request.ts'

const binds = ['http://127.0.0.1:8000', 'http://[::]:9000', 'unix:/run/app.sock', 'fd://3'].map(bindAddress)
const given = (place: Given['place'], port?: number): Given => ({ place, port, path: undefined })

/** `own`, `refused`, or the place. */
function choose(args: readonly unknown[], earlier: readonly Given[] = []): unknown {
  const request = listenRequest(args)
  if (request === undefined) return 'left to Node'
  const choice = choosePlace(request, binds, earlier)
  return choice.is === 'given' ? choice.place : choice.is
}

test('a port or path of bind gets that address, whatever the form of the call', () => {
  for (const args of [
    [8000],
    ['8000'],
    [8000, '0.0.0.0', 511],
    [{ port: 8000 }],
    [{ port: '8000', host: '::' }],
  ])
    assert.equal(choose(args), 0)
  assert.equal(choose([9000, () => undefined]), 1)
  for (const args of [['/run/app.sock'], [{ path: '/run/app.sock' }]]) assert.equal(choose(args), 2)
})

test('the first that names none gets the first; a later one is refused, a path is left to itself', () => {
  for (const args of [[3000], [], [undefined, 'localhost'], [null], ['/tmp/x.sock']])
    assert.equal(choose(args), 'first')
  assert.equal(choose([9464], [given(0, 8000)]), 'refused')
  assert.equal(choose(['/tmp/ipc.sock'], [given(0, 8000)]), 'own')
})

test('the same address again gets no connections', () => {
  assert.equal(choose([8000, '::1'], [given(0, 8000)]), 'none')
  assert.equal(choose([3000, '::1'], [given('first', 3000)]), 'none')
})

test('a free port is real, and so is what Node has to judge', () => {
  assert.equal(choose([0]), 'own')
  for (const args of [
    [{ fd: 3 }],
    [{ port: 1, reusePort: true }],
    [{ _handle: {} }],
    [65_536],
    [-1],
    [1.5],
    [true],
  ])
    assert.equal(choose(args), 'left to Node')
})

test('the first is displaced when each address has been named by another', () => {
  const two = binds.slice(0, 2)
  const first = given('first', 3000)
  assert.equal(displaced(two, [first, given(0)]), undefined)
  assert.equal(displaced(two, [first, given(0), given(1)]), first)
  assert.equal(displaced(two, [given(0), given(1)]), undefined)
})

test('what a program sees of an address', () => {
  assert.deepEqual(binds.map(addressInfo), [
    { address: '127.0.0.1', family: 'IPv4', port: 8000 },
    { address: '::', family: 'IPv6', port: 9000 },
    '/run/app.sock',
    'fd://3',
  ])
  assert.deepEqual(addressInfo(bindAddress('http://localhost')), {
    address: '0.0.0.0',
    family: 'IPv4',
    port: 80,
  })
  assert.deepEqual(portVariables(binds), { PORT: '8000', HOST: '127.0.0.1' })
  assert.deepEqual([portVariables(binds.slice(2)), portVariables([])], [{}, {}])
})
