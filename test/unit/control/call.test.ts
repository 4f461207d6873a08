// What a request asks for, and what is said of one that asks for something else.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCall, readOrder } from '../../../src/control/call.ts'
import { commands, routes, type OrderCommand } from '../../../src/control/protocol.ts'
import { Refusal } from '../../../src/control/refusal.ts'

function refusalOf(ask: () => unknown): Refusal {
  try {
    ask()
  } catch (error) {
    assert.ok(error instanceof Refusal)
    return error
  }
  return assert.fail('it was not refused')
}

test('each command has its request, which waits only when it is asked to', () => {
  for (const command of commands)
    assert.deepEqual(readCall(routes[command].method, routes[command].path), { command, wait: false })
  for (const value of ['1', 'true']) assert.equal(readCall('POST', `/reload?wait=${value}`).wait, true)
  for (const value of ['0', 'false']) assert.equal(readCall('POST', `/stop?wait=${value}`).wait, false)
})

test('an unknown path is a 404 with the list, a wrong method a 405 with the right one', () => {
  const unknown = refusalOf(() => readCall('GET', '/nope'))
  assert.equal(unknown.status, 404)
  assert.match(unknown.message, /there is no "\/nope"; there are GET \/status, .*POST \/stop/)
  assert.match(JSON.stringify(unknown.more), /"POST \/reload"/)
  const wrong = refusalOf(() => readCall('DELETE', '/scale'))
  assert.deepEqual(
    [wrong.status, wrong.headers['Allow'], wrong.message],
    [405, 'POST', '/scale takes POST; got DELETE'],
  )
})

test('a query that means nothing is refused', () => {
  assert.equal(
    refusalOf(() => readCall('POST', '/reload?wait=maybe')).message,
    'wait: expected 1 or 0; got "maybe"',
  )
  assert.equal(
    refusalOf(() => readCall('POST', '/reload?waits=1')).message,
    'waits: /reload takes no query but wait=1',
  )
  assert.equal(refusalOf(() => readCall('GET', '/status?wait=1')).message, 'wait: /status takes no query')
})

test('a body becomes an order, with what was left out', () => {
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
  ['scale', '{"worker":3}', 'worker: /scale takes workers; did you mean workers?'],
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
    const refusal = refusalOf(() => readOrder(command, body))
    assert.deepEqual([refusal.status, refusal.message], [400, message])
  })
}
