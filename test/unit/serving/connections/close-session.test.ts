// GOAWAY in two steps: a request that is on its way when the first one is sent is still served.

import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { ServerHttp2Session } from 'node:http2'
import { test, type TestContext } from 'node:test'
import { closeSession } from '../../../../src/serving/connections/close-session.ts'

class FakeSession extends EventEmitter {
  closed = false
  destroyed = false
  encrypted = false
  pendingSettingsAck = false
  readonly calls: string[] = []
  pong: () => void = () => undefined

  write(bytes: Buffer): boolean {
    this.calls.push(bytes.toString('hex'))
    return true
  }

  ping(callback: () => void): void {
    this.calls.push('ping')
    this.pong = callback
  }

  close(): void {
    this.calls.push('close')
  }
}

/** A frame of 8 bytes of type 7 on stream 0: the last stream, then the code. */
const goaway = '000008 07 00 00000000 7fffffff 00000000'.replaceAll(' ', '')

function closing(t: TestContext, state: Partial<FakeSession> = {}): FakeSession {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const session = Object.assign(new FakeSession(), state)
  closeSession(session as unknown as ServerHttp2Session, session) // nothing else is used
  return session
}

test('the first GOAWAY names no last stream, and the session closes a moment after the PING behind it', (t) => {
  const session = closing(t)
  assert.deepEqual(session.calls, [goaway, 'ping'])
  t.mock.timers.tick(1000)
  session.pong()
  t.mock.timers.tick(249)
  assert.equal(session.calls.length, 2)
  t.mock.timers.tick(1)
  assert.deepEqual(session.calls.slice(2), ['close'])
  t.mock.timers.tick(5000)
  assert.equal(session.calls.length, 3)
})

test('a client that does not respond to the PING has two seconds', (t) => {
  const session = closing(t)
  t.mock.timers.tick(1999)
  assert.equal(session.calls.length, 2)
  t.mock.timers.tick(1)
  assert.deepEqual(session.calls.slice(2), ['close'])
})

test('with TLS the session closes at once', (t) => {
  const session = closing(t, { encrypted: true })
  t.mock.timers.tick(5000)
  assert.deepEqual(session.calls, ['close'])
})

test('GOAWAY waits until the client has the settings of a new session', (t) => {
  const session = closing(t, { pendingSettingsAck: true })
  assert.deepEqual(session.calls, [])
  session.emit('localSettings')
  assert.deepEqual(session.calls, [goaway, 'ping'])
})

test('a client that never takes the settings has two seconds too', (t) => {
  const session = closing(t, { pendingSettingsAck: true })
  t.mock.timers.tick(2000)
  assert.deepEqual(session.calls, ['close'])
  session.closed = true
  session.emit('localSettings')
  assert.equal(session.calls.length, 1)
})

test('a session that ends meanwhile is left alone', (t) => {
  const session = closing(t)
  session.emit('close')
  session.destroyed = true
  session.pong()
  t.mock.timers.tick(5000)
  assert.equal(session.calls.length, 2)
})

test('a session that is closing already gets no GOAWAY', (t) => {
  assert.deepEqual(closing(t, { closed: true }).calls, [])
  t.mock.timers.reset()
  assert.deepEqual(closing(t, { destroyed: true }).calls, [])
})
