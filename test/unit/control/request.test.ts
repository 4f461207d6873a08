// The command of a request, and the error for an invalid one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RequestError } from '../../../src/control/request-error.ts'
import { readCall, readOrder } from '../../../src/control/request.ts'
import { commands, routes, type OrderCommand } from '../../../src/control/routes.ts'

function errorOf(read: () => unknown): RequestError {
  try {
    read()
  } catch (error) {
    assert.ok(error instanceof RequestError)
    return error
  }
  return assert.fail('it did not throw')
}

test('each command has its request, which waits only with wait=1', () => {
  for (const command of commands)
    assert.deepEqual(readCall(routes[command].method, routes[command].path), {
      command,
      wait: false,
      values: {},
    })
  for (const value of ['1', 'true']) assert.equal(readCall('POST', `/reload?wait=${value}`).wait, true)
  for (const value of ['0', 'false']) assert.equal(readCall('POST', `/stop?wait=${value}`).wait, false)
})

test('an unknown path is a 404 with all paths, a wrong method a 405 with the right one', () => {
  const unknown = errorOf(() => readCall('GET', '/nope'))
  assert.equal(unknown.status, 404)
  assert.match(unknown.message, /unknown path "\/nope"; expected GET \/status, .*POST \/stop/)
  assert.match(JSON.stringify(unknown.fields), /"POST \/reload"/)
  const wrong = errorOf(() => readCall('DELETE', '/scale'))
  assert.deepEqual(
    [wrong.status, wrong.headers['Allow'], wrong.message],
    [405, 'POST', '/scale takes POST; got DELETE'],
  )
})

test('an unknown query is rejected', () => {
  assert.equal(
    errorOf(() => readCall('POST', '/reload?wait=maybe')).message,
    'wait: expected 1 or 0; got "maybe"',
  )
  assert.equal(
    errorOf(() => readCall('POST', '/reload?waits=1')).message,
    'waits: /reload takes no query except wait=1',
  )
  assert.equal(errorOf(() => readCall('GET', '/status?wait=1')).message, 'wait: /status takes no query')
})

test('a body becomes an order, with default values', () => {
  assert.deepEqual(readOrder('scale', '{"workers":3}'), { type: 'scale', to: 3 })
  assert.deepEqual(readOrder('rotate', ''), { type: 'rotate', log: 'all' })
  assert.deepEqual(readOrder('rotate', '{"log":"access"}'), { type: 'rotate', log: 'access' })
  assert.deepEqual(readOrder('stop', ' '), { type: 'stop', mode: 'graceful' })
  assert.deepEqual(readOrder('stop', '{"quick":true}'), { type: 'stop', mode: 'quick' })
  for (const name of ['reload', 'reopen', 'upgrade'] as const)
    assert.deepEqual(readOrder(name, '{}'), { type: name })
})

const wrong: readonly (readonly [OrderCommand, string, string])[] = [
  ['scale', '{"workers":"3"}', 'workers: expected a whole number from 1 to 1024; got "3"'],
  ['scale', '{"workers":0}', 'workers: expected a whole number from 1 to 1024; got 0'],
  ['scale', '{"workers":1.5}', 'workers: expected a whole number from 1 to 1024; got 1.5'],
  ['scale', '', 'workers: expected a whole number from 1 to 1024; got nothing'],
  ['scale', '{"worker":3}', 'worker: /scale takes service, workers; did you mean workers?'],
  ['scale', '{"workers":2,"service":7}', 'service: expected the name of a service; got 7'],
  ['restart', '', 'service: expected the name of a service; got nothing'],
  ['rotate', '{"log":"errors"}', 'log: expected "access", "error", "app" or "all"; got "errors"'],
  ['stop', '{"quick":1}', 'quick: expected true or false; got 1'],
  ['reload', '{"now":true}', 'now: /reload takes no fields'],
  ['reload', '[]', 'body: expected a JSON object; got []'],
  ['reload', 'null', 'body: expected a JSON object; got null'],
  ['reload', '{', 'body: expected a JSON object; got "{"'],
  ['reload', '{"__proto__":1}', '__proto__: /reload takes no fields'],
]

for (const [command, body, message] of wrong) {
  test(`${command} with the body ${body || '(none)'} is a 400 that says: ${message}`, () => {
    const error = errorOf(() => readOrder(command, body))
    assert.deepEqual([error.status, error.message], [400, message])
  })
}
