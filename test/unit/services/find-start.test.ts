// Which function of a module of `run` is its start().

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findStart } from '../../../src/services/find-start.ts'

const start = (): void => undefined

test('start() is the export `start` or the default, also of compiled CommonJS', () => {
  for (const exported of [
    { start },
    { default: start },
    { default: { start } },
    { default: { default: start } },
    { start, default: () => 1 },
    start,
  ])
    assert.equal(findStart(exported, 'a.js'), start)
})

test('anything else is refused with what was found', () => {
  const message = (exported: unknown): string => {
    try {
      findStart(exported, '/srv/a.js')
    } catch (error) {
      return String(error)
    }
    return 'found'
  }
  assert.match(
    message({}),
    /AppBootError: \/srv\/a\.js has no start\(\): it exports nothing; expected: export/,
  )
  assert.match(message({ begin: start, stop: start }), /it exports begin, stop;/)
  assert.match(message({ start: 5 }), /it exports start;/)
  assert.match(message(undefined), /it exports undefined/)
  const deep = { default: { default: { default: { default: start } } } }
  assert.match(message(deep), /it exports default/)
})
