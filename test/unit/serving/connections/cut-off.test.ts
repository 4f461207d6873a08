// What is open at graceful_timeout: named, half-closed, and destroyed a moment later.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cutOff } from '../../../../src/serving/connections/cut-off.ts'
import { Connections } from '../../../../src/serving/connections/table.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { connect, fakeResponse } from '../fakes.ts'

test('each connection is ended, and destroyed if the client has not closed it after half a second', async () => {
  const connections = new Connections()
  const clock = new FakeClock()
  const busy = connect(connections)
  const { response, resumed } = fakeResponse(busy, '/slow')
  connections.begin(response, 0)
  const idle = connect(connections)
  const cut = cutOff(connections, { atOnce: false, clock })
  assert.deepEqual([busy.log, idle.log], [['end'], ['end']])
  assert.equal(resumed(), 1)
  idle.close()
  await clock.pass(0)
  for (let turn = 0; turn < 20; turn += 1) await clock.pass(0)
  await clock.pass(494)
  assert.deepEqual(busy.log, ['end'])
  await clock.pass(6)
  assert.deepEqual(busy.log, ['end', 'destroy'])
  connections.finish(response, 0)
  assert.deepEqual(await clock.passUntil(cut), ['GET /slow'])
})

test('an error of a connection that was ended destroys it', () => {
  const connections = new Connections()
  const fake = connect(connections)
  void cutOff(connections, { atOnce: false, clock: new FakeClock() })
  fake.emit('error', new Error('write after end'))
  assert.deepEqual(fake.log, ['end', 'destroy'])
})

test('at once means without an end, and a request that never ends is not waited for longer than a second', async () => {
  const connections = new Connections()
  const clock = new FakeClock()
  const fake = connect(connections)
  connections.begin(fakeResponse(fake, '/').response, 0)
  const cut = cutOff(connections, { atOnce: true, clock })
  assert.deepEqual(fake.log, ['destroy'])
  await clock.passUntil(cut)
  assert.ok(clock.now() >= 1000 && clock.now() < 1100, String(clock.now()))
})

test('upgraded connections are named by their protocol, idle ones are not named', async () => {
  const connections = new Connections()
  const clock = new FakeClock()
  connect(connections)
  for (const isWebSocket of [true, false]) {
    const connection = connections.of(connect(connections).socket)
    assert.ok(connection)
    connection.upgrade = { request: 'GET /chat', isWebSocket, isClosing: false, since: 0, isAnswered: true }
  }
  assert.deepEqual(await clock.passUntil(cutOff(connections, { atOnce: true, clock })), [
    'GET /chat (upgraded)',
    'GET /chat (websocket)',
  ])
})
