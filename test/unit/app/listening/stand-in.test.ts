// A server that shows itself as listening: what the app sees of it, and its end.

import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { test } from 'node:test'
import { StandIn } from '../../../../src/app/listening/stand-in.ts'

const address = { address: '127.0.0.1', family: 'IPv4', port: 8000 }

function standIn(server: Server, events: string[] = []): StandIn {
  return new StandIn({ server, address, onClose: () => void events.push('closed by the app') })
}

const connections = (server: Server): Promise<number> =>
  new Promise((resolve) => server.getConnections((_, count) => resolve(count)))

test('the app sees a server that listens, and hears of it after the call', async () => {
  const server = createServer()
  const events: string[] = []
  const shown = standIn(server)
  shown.start(() => void events.push('callback'), undefined)
  assert.deepEqual([server.listening, server.address(), events], [true, address, []])
  await once(server, 'listening')
  assert.deepEqual(events, ['callback'])
})

test('close() ends when the last connection has ended, and then all is as Node has it', async () => {
  const server = createServer()
  const events: string[] = []
  standIn(server, events).start(undefined, undefined)
  const socket = new EventEmitter()
  server.emit('connection', socket)
  assert.equal(await connections(server), 1)
  server.close((error) => void events.push(`callback ${String(error)}`))
  server.close((error) => void events.push(`again ${String(error?.message)}`))
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(events, ['closed by the app', 'again Server is not running.'])
  socket.emit('close')
  await once(server, 'close')
  assert.deepEqual(events.at(-1), 'callback undefined')
  assert.deepEqual([server.listening, server.address(), server.listenerCount('connection')], [false, null, 0])
})

test('an abort signal closes it', async () => {
  for (const abort of ['before', 'after']) {
    const server = createServer()
    const controller = new AbortController()
    if (abort === 'before') controller.abort()
    standIn(server).start(undefined, controller.signal)
    controller.abort()
    await once(server, 'close')
  }
})

test('a server that listens again is not ended by the connections of the time before', async () => {
  const server = createServer()
  standIn(server).start(undefined, undefined)
  const old = new EventEmitter()
  server.emit('connection', old)
  server.close()
  standIn(server).start(undefined, undefined)
  await once(server, 'listening')
  server.on('close', () => assert.fail('it listens'))
  old.emit('close')
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual([server.listening, server.address()], [true, address])
})
