// GOAWAY in two steps: a request that is on its way when the first one is sent is still served.

import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { ServerHttp2Session } from 'node:http2'
import { test, type TestContext } from 'node:test'
import { closeSession } from '../../../../src/serving/connections/close-session.ts'

class FakeSession extends EventEmitter {
  closed = false
  destroyed = false
  readonly calls: string[] = []
  /** The client responds to the PING. */
  onPing: () => void = () => undefined

  ping(callback: () => void): void {
    this.calls.push('ping')
    this.onPing = callback
  }

  goaway(code: number, lastStream: number): void {
    this.calls.push(`goaway ${code} ${lastStream}`)
  }

  close(): void {
    this.calls.push('close')
  }
}

function closing(t: TestContext, state: Partial<FakeSession> = {}): FakeSession {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const session = Object.assign(new FakeSession(), state)
  closeSession(session as unknown as ServerHttp2Session) // nothing else is used
  return session
}

test('the first GOAWAY names no last stream, and the session closes when the client has read it', (t) => {
  const session = closing(t)
  assert.deepEqual(session.calls, ['goaway 0 2147483647', 'ping'])
  t.mock.timers.tick(1500)
  session.onPing()
  t.mock.timers.tick(249)
  assert.equal(session.calls.length, 2)
  t.mock.timers.tick(1)
  assert.deepEqual(session.calls.slice(2), ['close'])
  t.mock.timers.tick(10_000)
  assert.equal(session.calls.length, 3)
})

test('a client that does not respond to the PING has two seconds', (t) => {
  const session = closing(t)
  t.mock.timers.tick(1999)
  assert.equal(session.calls.length, 2)
  t.mock.timers.tick(1)
  assert.deepEqual(session.calls.slice(2), ['close'])
})

test('a session that ends meanwhile is left alone', (t) => {
  const session = closing(t)
  session.onPing()
  session.emit('close')
  t.mock.timers.tick(10_000)
  assert.equal(session.calls.length, 2)
})

test('a session that was destroyed meanwhile is not closed again', (t) => {
  const session = closing(t)
  session.destroyed = true
  session.onPing() // Node calls back what has no response
  t.mock.timers.tick(10_000)
  assert.equal(session.calls.length, 2)
})

test('a session that is closing already gets no GOAWAY', (t) => {
  assert.deepEqual(closing(t, { closed: true }).calls, [])
  t.mock.timers.reset()
  assert.deepEqual(closing(t, { destroyed: true }).calls, [])
})
