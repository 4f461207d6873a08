// `req.signal`: when it fires, and with which reason.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  abortRequest,
  defineSignalOn,
  timeOutRequest,
  type Abortable,
} from '../../../../src/app/requests/signal.ts'

interface SignalRequest extends Abortable {
  signal: unknown
}

function incoming(prototype: object, method: string | null = 'GET'): SignalRequest {
  return Object.assign(Object.create(prototype) as SignalRequest, { method })
}

const reasonOf = (signal: unknown): unknown =>
  signal instanceof AbortSignal && signal.aborted ? signal.reason : undefined

test('req.signal is made when it is first read, before or after the end of the request, and the first reason stays', () => {
  const prototype = {}
  defineSignalOn(prototype)
  const before = incoming(prototype)
  assert.deepEqual(Reflect.ownKeys(before), ['method'])
  const { signal } = before
  assert.equal(before.signal, signal)
  assert.equal(reasonOf(signal), undefined)
  timeOutRequest(before)
  abortRequest(before, 'gone')
  assert.equal(Reflect.get(Object(reasonOf(signal)), 'name'), 'TimeoutError')
  const after = incoming(prototype)
  abortRequest(after, 'gone')
  assert.equal(Reflect.get(Object(reasonOf(after.signal)), 'name'), 'AbortError')
})

test(
  'a signal that a library assigns takes the place of ours, and the response to a request of the app ' +
    'keeps that of Node',
  () => {
    const prototype = Object.defineProperty({}, 'signal', { configurable: true, get: () => "Node's" })
    defineSignalOn(prototype)
    const request = incoming(prototype)
    request.signal = 'of a library'
    assert.equal(request.signal, 'of a library')
    assert.equal(incoming(prototype, null).signal, "Node's")
  },
)
