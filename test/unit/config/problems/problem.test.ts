import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemLine, show } from '../../../../src/config/problems/problem.ts'

test('a value is formatted as one short line', () => {
  assert.equal(show('a\nb'), '"a\\nb"')
  assert.equal(show(undefined), 'undefined')
  assert.equal(show(Symbol('s')), 'Symbol(s)')
  assert.equal(
    show(() => 1),
    'a function (anonymous)',
  )
  assert.equal(show('x'.repeat(200)).length, 80)
  assert.equal(problemLine({ where: '', name: 'app', message: 'm' }), 'app: m')
})

test('a value without JSON is formatted too', () => {
  const round: { self?: unknown } = {}
  round.self = round
  assert.equal(typeof show(round), 'string')
  assert.equal(typeof show(10n), 'string')
})
