// The close frames of a drain: who gets one, when, and who does not.

import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { noteUpgrade, WebSocketClosing } from '../../../../src/serving/connections/close-websocket.ts'
import { Connections } from '../../../../src/serving/connections/table.ts'
import { connect, type FakeSocket } from '../fakes.ts'

const closeFrame = '880203f4'
const acceptance = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'

/** A connection with an upgrade request for which the app has sent this response head. */
function upgraded(connections: Connections, head: string = acceptance): FakeSocket {
  const fake = connect(connections)
  noteUpgrade(connections.of(fake.socket), { method: 'GET', url: '/chat' } as IncomingMessage)
  fake.write(head)
  fake.log.length = 0
  return fake
}

const framesOf = (fake: FakeSocket): number => fake.log.filter((chunk) => chunk === closeFrame).length

test('an upgrade is known by its request, and as a WebSocket by the head of the response', () => {
  for (const [head, isWebSocket] of [
    [acceptance, true],
    [acceptance.replace('websocket', 'WebSocket'), true],
    [acceptance.replace('101', '400'), false],
    [acceptance.replace('websocket', 'h2c'), false],
  ] as const) {
    const connections = new Connections()
    const fake = upgraded(connections, head)
    const { upgrade } = connections.of(fake.socket) ?? {}
    assert.deepEqual(
      [upgrade?.request, upgrade?.isAnswered, upgrade?.isWebSocket, upgrade?.isClosing],
      ['GET /chat', true, isWebSocket, false],
    )
  }
  assert.doesNotThrow(() => noteUpgrade(undefined, {} as IncomingMessage))
})

test('the frames are spread over the sweeps, and the last sweep leaves no WebSocket without one', () => {
  const connections = new Connections()
  const fakes = Array.from({ length: 10 }, () => upgraded(connections))
  const sent = (): number => fakes.filter((fake) => framesOf(fake) === 1).length
  const closing = new WebSocketClosing(connections, { until: 200, interval: 50 })
  closing.sweep(0)
  assert.equal(sent(), 3, 'a quarter of ten, rounded up')
  closing.sweep(50)
  assert.equal(sent(), 6)
  closing.sweep(100)
  assert.equal(sent(), 8)
  closing.sweep(150)
  assert.equal(sent(), 10)
  closing.sweep(200)
  assert.ok(fakes.every((fake) => framesOf(fake) === 1))
  upgraded(connections)
  const late = upgraded(connections)
  closing.sweep(10_000)
  assert.equal(framesOf(late), 1)
})

test('what is no WebSocket, is piped into, cannot be written or closes by itself gets none', () => {
  const connections = new Connections()
  const other = upgraded(connections, acceptance.replace('websocket', 'h2c'))
  const plain = connect(connections)
  const piped = upgraded(connections)
  piped.on('unpipe', () => undefined)
  const ended = upgraded(connections)
  ended.writable = false
  const byApp = upgraded(connections)
  const data = upgraded(connections)
  const closing = new WebSocketClosing(connections, { until: 0, interval: 50 })
  byApp.write(Buffer.from([0x88, 2, 3, 0xe8]))
  data.write(Buffer.from([0x81, 2, 3, 0xe8]))
  data.write('\x88')
  data.write(Buffer.from([0x88, 2, 3, 0xe8, 0x81]))
  closing.sweep(0)
  closing.sweep(50)
  assert.deepEqual([other, plain, piped, ended, byApp].map(framesOf), [0, 0, 0, 0, 0])
  assert.equal(framesOf(data), 1)
})

test('a close frame whose two parts are written apart counts as one', () => {
  const connections = new Connections()
  const fake = upgraded(connections)
  const closing = new WebSocketClosing(connections, { until: 0, interval: 50 })
  fake.write(Buffer.from([0x88, 2]))
  fake.write(Buffer.from([3, 0xe8]))
  closing.sweep(0)
  assert.deepEqual(fake.log, ['8802', '03e8'])
  assert.equal(connections.of(fake.socket)?.upgrade?.isClosing, true)
})
