// Lines of JSON that loggers print, as records.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readJsonLine, type JsonLine } from '../../../../src/logging/capture/json-line.ts'

const read = (line: unknown): JsonLine | undefined =>
  readJsonLine(typeof line === 'string' ? line : JSON.stringify(line), 7)

test('the lines of pino, bunyan, winston and Google Cloud have their level, time and message', () => {
  const time = '2026-11-29T21:29:21.787Z'
  const milliseconds = Date.parse(time)
  const lines: readonly (readonly [line: object, level: string, fields: object])[] = [
    [{ level: 40, time: milliseconds, pid: 7, msg: 'm', a: 1 }, 'warn', { a: 1 }],
    [{ name: 'n', level: 30, msg: 'm', time, v: 0 }, 'info', { name: 'n', v: 0 }],
    [{ level: 'error', message: 'm', timestamp: time }, 'error', {}],
    [{ severity: 'CRITICAL', message: 'm', time, b: [2] }, 'fatal', { b: [2] }],
    [{ level: 'verbose', message: 'm', time }, 'debug', {}],
    [{ level: 35, msg: 'm', time }, 'info', {}],
  ]
  for (const [line, level, fields] of lines)
    assert.deepEqual(read(line), { level, time, msg: 'm', fields }, JSON.stringify(line))
})

test('a line without them is an object of fields', () => {
  assert.deepEqual(read({ a: { b: 1 } }), {
    level: undefined,
    time: undefined,
    msg: undefined,
    fields: { a: { b: 1 } },
  })
  assert.equal(read({ msg: { text: 'x' } })?.msg, '{"text":"x"}', 'a message that is no text')
})

test('process, worker and stream are those of the server; other values have another name', () => {
  const { fields } = read({ pid: 99, nr: 'seven', stream: 's', level: 30 }) ?? assert.fail()
  assert.deepEqual(fields, { app_pid: 99, app_nr: 'seven', app_stream: 's' })
})

test('what is no object, or has a level or time of an unknown kind, stays text', () => {
  const lines = [
    'text',
    '',
    '{',
    '{}x',
    '[1]',
    '{a: 1}',
    'null',
    '{"level":"audit"}',
    '{"level":{}}',
    '{"level":5}',
  ]
  for (const line of [
    ...lines,
    '{"time":"soon"}',
    '{"time":{}}',
    '{"time":1e99}',
    '{"level":null}',
    `{"a":"${'x'.repeat(70_000)}"}`,
  ])
    assert.equal(read(line), undefined, line.slice(0, 50))
})

test('a field named __proto__ changes no object, and is left out', () => {
  const { fields } = read('{"level":30,"__proto__":{"polluted":1},"a":1}') ?? assert.fail()
  assert.equal(Object.getPrototypeOf(fields), Object.prototype)
  assert.deepEqual(Object.keys(fields), ['a'])
})
