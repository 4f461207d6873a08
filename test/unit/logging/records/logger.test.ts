// Records of the error log: their fields and level, and that a record is written whatever value is logged.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger, type Logger, type LoggerOptions } from '../../../../src/logging/records/logger.ts'
import { saying } from '../../../../src/logging/records/said.ts'

function logger(changes: Partial<LoggerOptions> = {}): {
  readonly log: Logger
  readonly lines: string[]
} {
  const lines: string[] = []
  const log = createLogger({
    level: 'info',
    format: 'json',
    color: false,
    base: { pid: 7, nr: 1 },
    write: (line) => void lines.push(line),
    ...changes,
  })
  return { log, lines }
}

test('a JSON record has the level, time, process, worker and message, and is one line', () => {
  const { log, lines } = logger()
  log.info({ port: 80 }, 'first\nsecond')
  assert.match(lines[0] ?? '', /^[^\n]+\n$/)
  const { time, ...rest } = JSON.parse(lines[0] ?? '') as Record<string, unknown>
  assert.deepEqual(rest, { level: 'info', pid: 7, nr: 1, port: 80, msg: 'first\nsecond' })
  assert.equal(new Date(String(time)).toISOString(), time)
})

test('records below the level are not written, and the level can change', () => {
  const { log, lines } = logger({ level: 'warn' })
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) log[level]('x')
  assert.deepEqual(
    lines.map((line) => /"level":"(\w+)"/.exec(line)?.[1]),
    ['warn', 'error', 'fatal'],
  )
  log.level = 'debug'
  log.debug('x')
  assert.equal(lines.length, 4)
})

test('an error is logged with its stack and the stacks of its causes, as JSON and as text', () => {
  const error = new Error('no answer', { cause: new Error('refused') })
  const json = logger()
  json.log.error({ err: error }, 'failed')
  const { err } = JSON.parse(json.lines[0] ?? '') as { err: { stack: string; cause: { stack: string } } }
  assert.match(err.stack, /no answer\n.*logger\.test\.ts/s)
  assert.match(err.cause.stack, /refused\n.*logger\.test\.ts/s)
  const text = logger({ format: 'text' })
  text.log.error({ err: error }, 'failed')
  assert.match(
    text.lines[0] ?? '',
    /^\[.*\] \[7\] \[ERROR\] \[worker 1\] failed.*\n {4}.*no answer\n.*logger\.test\.ts.*refused/s,
  )
})

test('fields that the sentence says are only in the JSON form, before the others', () => {
  const fields = { port: 80, ...saying('request_failed', { method: 'GET', port: 1 }) }
  const json = logger()
  json.log.error(fields, 'GET failed')
  assert.match(
    json.lines[0] ?? '',
    /"nr":1,"event":"request_failed","method":"GET","port":80,"msg":"GET failed"\}\n$/,
  )
  const text = logger({ format: 'text' })
  text.log.error(fields, 'GET failed')
  assert.match(text.lines[0] ?? '', / \[worker 1\] GET failed port=80\n$/)
})

test('a record without a message is written', () => {
  const { log, lines } = logger({ format: 'text' })
  log.info({ port: 80 })
  assert.match(lines[0] ?? '', /\[INFO\] \[worker 1\] port=80\n$/)
})

test('a record is written whatever value is logged', () => {
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  const hostile = new Error('x')
  Object.defineProperty(hostile, 'stack', {
    get() {
      throw new Error('not for you')
    },
  })
  const values = [
    cycle,
    hostile,
    Object.freeze(new Error('frozen')),
    Object.create(null),
    'text',
    undefined,
    null,
    7n,
    () => 1,
  ]
  for (const format of ['json', 'text'] as const) {
    for (const err of values) {
      const { log, lines } = logger({ format })
      log.error({ err }, 'still logged')
      assert.match(lines[0] ?? '', /still logged/)
    }
  }
})

test('JSON records also contain no terminal escape and no line break', () => {
  const { log, lines } = logger()
  log.info({ field: '\u009b31m\u2028' }, 'a\u0085b\u2029')
  assert.doesNotMatch(lines[0] ?? '', /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/)
  assert.equal((JSON.parse(lines[0] ?? '') as { msg: string }).msg, 'a\u0085b\u2029')
})
