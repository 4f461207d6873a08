// The records in the text of a log, and their levels.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAtLeast, levelOf, recordsIn } from '../../../../src/cli/logs/records.ts'

const head = (level: string): string => `[2026-12-01 03:40:05.541 +0000] [14610] [${level}] [worker 1] text`

test('indented lines belong to the record before them, empty ones too', () => {
  const failure = `${head('ERROR')}\n    Error: boom\n    \n        at default`
  assert.deepEqual(recordsIn(`${head('INFO')}\n${failure}\n${head('WARN')}\n`), [
    head('INFO'),
    failure,
    head('WARN'),
  ])
  assert.deepEqual(recordsIn('{"a":1}\n{"a":2}\n'), ['{"a":1}', '{"a":2}'])
})

test('the level is that of the text, with colours too, or of the JSON', () => {
  assert.equal(levelOf(head('WARN')), 'warn')
  assert.equal(levelOf(head('\u001b[31mERROR\u001b[39m')), 'error')
  assert.equal(levelOf('{"level":"fatal","msg":"[x] [1] [INFO]"}'), 'fatal')
})

test('a record without a level that is known is shown at any', () => {
  for (const record of [head('NOTICE'), '{"level":"notice"}', '{"level":30}', '{ no JSON', 'text', '{}']) {
    assert.equal(levelOf(record), undefined, record)
    assert.ok(isAtLeast(record, 'fatal'))
  }
  assert.ok(isAtLeast(head('ERROR'), 'warn'))
  assert.ok(isAtLeast(head('WARN'), 'warn'))
  assert.ok(!isAtLeast(head('INFO'), 'warn'))
})
