// The connection of the health check: in memory, with the members of a socket, and known by its requests.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { test } from 'node:test'
import { Probe } from '../../../../src/serving/requests/probe.ts'

const requestOn = (socket: unknown): IncomingMessage => ({ socket }) as IncomingMessage

test('what one end writes the other reads, and both close together', async () => {
  const { inside, outside } = new Probe().connect()
  outside.write('hello')
  assert.equal(String((await once(inside, 'data'))[0]), 'hello')
  outside.destroy()
  await once(inside, 'close')
  assert.ok(inside.destroyed)
  const other = new Probe().connect()
  other.inside.destroy()
  await once(other.outside, 'close')
  assert.ok(other.outside.destroyed)
})

test('the app finds what it uses of a socket', () => {
  const socket = new Probe().connect().inside
  const read = (name: string): unknown => Reflect.get(socket, name)
  assert.deepEqual(
    [
      'remoteAddress',
      'remoteFamily',
      'remotePort',
      'localAddress',
      'localPort',
      'bytesRead',
      'bytesWritten',
    ].map(read),
    ['127.0.0.1', 'IPv4', 0, '127.0.0.1', 0, 0, 0],
  )
  for (const name of ['ref', 'unref', 'setTimeout', 'setNoDelay', 'setKeepAlive'])
    assert.equal(Reflect.apply(read(name) as () => unknown, socket, []), socket)
  assert.deepEqual(Reflect.apply(read('address') as () => unknown, socket, []), {})
})

test('requests of the latest connection go to the app alone, all others elsewhere', () => {
  const probe = new Probe()
  const first = probe.connect().inside
  const second = probe.connect().inside
  const seen: string[] = []
  const to =
    (name: string): RequestListener =>
    () =>
      void seen.push(name)
  const listener = probe.divide(to('app'), to('others'))
  for (const socket of [second, first, {}])
    listener(requestOn(socket) as never, {} as ServerResponse as never)
  assert.deepEqual(seen, ['app', 'others', 'others'])
})

test('the error of the latest connection is kept', () => {
  const probe = new Probe()
  probe.connect()
  assert.equal(probe.error, undefined)
  probe.noteError('no database')
  assert.equal(probe.error, 'no database')
  probe.connect()
  assert.equal(probe.error, undefined)
})
