// The text format of the error and app log: easy to read, and no message can forge another record.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatRecord, type TextOptions } from '../../../../src/logging/records/format-record.ts'
import { levels, type LogLevel, type LogRecord } from '../../../../src/logging/records/record.ts'
import { hostileStrings, randomStrings } from '../access/sample.ts'

const plain = { color: false }
const opening = /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [+-]\d{4}\] \[7\] \[INFO\]/

function record(changes: Record<string, unknown> = {}): LogRecord {
  return { time: '2026-11-23T08:15:02.123Z', level: 'info', pid: 7, msg: 'hello', ...changes }
}

/** The text after `[time] [pid] [LEVEL]`, without the newline at the end. */
function rest(changes: Record<string, unknown>): string {
  return restOf(record(changes), plain).replace(' [master]', '')
}

function restOf(logged: LogRecord, options: TextOptions): string {
  const text = formatRecord(logged, options)
  assert.match(text, opening)
  assert.ok(text.endsWith('\n'))
  return text.replace(opening, '').slice(0, -1)
}

test('a thread that serves is named in the head', () => {
  const text = formatRecord(record({ nr: 2, thread: 1 }), { color: false, nr: 2, thread: 1 })
  assert.match(text, /^\[[^\]]+\] \[7\] \[\w+\] \[worker 2 thread 1\] (?!.*thread=)/)
})

test('the layout is time, pid, level, worker or master, message, fields', () => {
  const fields = record({ port: 8000, host: 'db' })
  assert.equal(restOf(fields, { color: false, nr: 2 }), ' [worker 2] hello port=8000 host=db')
  assert.equal(restOf(record(), plain), ' [master] hello')
  assert.equal(restOf(record({ nr: 0 }), { color: false, nr: 0 }), ' [worker 0] hello')
})

test('a field nr of a hook does not make a record of the master one of a worker', () => {
  assert.equal(restOf(record({ nr: 3 }), plain), ' [master] hello nr=3')
})

test('the time is local, equals the time of the record, and keeps the milliseconds', () => {
  const before = process.env.TZ
  for (const [zone, shown] of [
    ['Europe/Berlin', '[2026-11-23 09:15:02.123 +0100]'],
    ['America/St_Johns', '[2026-11-23 04:45:02.123 -0330]'],
  ]) {
    process.env.TZ = zone
    assert.equal(formatRecord(record(), plain).slice(0, 31), shown)
  }
  if (before === undefined) delete process.env.TZ
  else process.env.TZ = before
})

test('an invalid time is shown unchanged, escaped', () => {
  assert.ok(formatRecord(record({ time: 'yester\nday' }), plain).startsWith('[yester\\x0aday] [7]'))
})

test('the levels are those of pino, and each is shown by name', () => {
  assert.deepEqual(Object.values(levels), [10, 20, 30, 40, 50, 60])
  const shown = (level: string): string => formatRecord(record({ level }), plain)
  for (const level of Object.keys(levels))
    assert.ok(shown(level).includes(` [${level.toUpperCase()}] [master] hello`))
})

test('only the level is coloured, and only with the option', () => {
  const strip = (text: string): string => text.replace(/\u001b\[\d+m/g, '')
  const seen = new Set<string>()
  const all: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']
  for (const level of all) {
    const coloured = formatRecord(record({ level }), { color: true })
    assert.equal(strip(coloured), formatRecord(record({ level }), plain))
    const [, colour] = /\[\u001b\[(\d+)m[A-Z]+\u001b\[39m\] \[master\] hello\n$/.exec(coloured) ?? []
    seen.add(String(colour))
  }
  assert.equal(seen.size, all.length)
  assert.doesNotMatch(formatRecord(record(), plain), /\u001b/)
})

test('a string field is quoted when it would be ambiguous', () => {
  assert.equal(
    rest({ a: 'x-1/y', b: 'two words', c: 'q"q', d: '', e: 'k=v', f: '\u001b[0m' }).slice(7),
    'a=x-1/y b="two words" c="q\\"q" d="" e="k=v" f="\\u001b[0m"',
  )
})

test('fields of other types are written as JSON', () => {
  assert.equal(
    rest({ a: null, b: true, c: [1, 'x y'], d: { e: '\u2028' }, f: 10n }).slice(7),
    'a=null b=true c=[1,"x y"] d={"e":"\\u2028"} f=10',
  )
})

test('a field without a value is left out', () => {
  assert.equal(rest({ a: undefined, b: () => 1 }), ' hello')
})

test('a record with a field that JSON cannot write is still written', () => {
  const circle: Record<string, unknown> = {}
  circle.self = circle
  assert.match(rest({ circle, after: 1 }), /^ hello circle="\[not shown: [^\n]+\]" after=1$/)
})

test('a key is quoted when it would be ambiguous', () => {
  assert.equal(rest({ 'a b\n[x]=': 1, 'x-y.z': 2 }), ' hello "a b\\n[x]="=1 x-y.z=2')
})

test('lines of a message are indented, and its trailing line breaks removed', () => {
  assert.equal(rest({ msg: 'one\ntwo\r\n\nthree\n\n', port: 1 }), ' one\n    two\n    \n    three port=1')
})

test('an empty message leaves no gap', () => {
  assert.equal(rest({ msg: '', port: 1 }), ' port=1')
})

test('control characters in a message are escaped, quotes and backslashes are not', () => {
  assert.equal(
    rest({ msg: '\u001b[2J "C:\\x" \0\r\u0085\u2028.' }),
    ' \\x1b[2J "C:\\x" \\x00\\x0d\\x85\\u2028.',
  )
})

test('the stack of an error and its causes follow on separate lines', () => {
  const err = {
    type: 'Error',
    message: 'no',
    stack: 'Error: no\n    at a (a.js:1:1)\ncaused by: Error: \u001b[31mwhy\n    at b',
  }
  assert.equal(
    rest({ err, port: 1 }),
    ' hello port=1\n    Error: no\n        at a (a.js:1:1)\n    caused by: Error: \\x1b[31mwhy\n        at b',
  )
})

test('other properties of an error are shown as fields', () => {
  const err = { type: 'Error', message: 'no', stack: 'Error: no', code: 'ECONNREFUSED', port: 5432 }
  assert.equal(rest({ err }), ' hello err.code=ECONNREFUSED err.port=5432\n    Error: no')
})

test('the errors of an AggregateError follow it, indented further', () => {
  const inner = [{ stack: 'Error: v6\n    at a' }, { stack: 'Error: v4' }, 'not an error']
  assert.equal(
    rest({ err: { stack: 'AggregateError', aggregateErrors: inner } }),
    ' hello\n    AggregateError\n        Error: v6\n            at a\n        Error: v4',
  )
})

test('an err without a stack is an ordinary field', () => {
  assert.equal(rest({ err: 'just words' }), ' hello err="just words"')
  assert.equal(rest({ err: { message: 'm' } }), ' hello err={"message":"m"}')
  assert.equal(rest({ err: null }), ' hello err=null')
})

test('the last lines of a process follow in a separate block', () => {
  assert.equal(
    rest({ stderr: ['FATAL ERROR', '', '  1: 0x \u001b[31m'], port: 1 }),
    ' hello port=1\n    stderr:\n        FATAL ERROR\n        \n          1: 0x \\x1b[31m',
  )
  assert.equal(
    rest({ err: { stack: 'Error: no' }, stderr: ['a'] }),
    ' hello\n    Error: no\n    stderr:\n        a',
  )
  assert.equal(rest({ stderr: [] }), ' hello')
  assert.equal(rest({ stderr: 'inherit' }), ' hello stderr=inherit', 'a field with the same name only')
  assert.equal(rest({ stderr: [1, 2] }), ' hello stderr=[1,2]')
})

test('no value can forge a second record or control the terminal', () => {
  for (const text of [...hostileStrings, ...randomStrings(2000)]) {
    const err = { stack: `Error: ${text}\n[fake]`, code: text, aggregateErrors: [{ stack: text }] }
    const out = formatRecord(
      record({
        msg: `m\n${text}`,
        [`k${text}`]: text,
        o: { [text]: text },
        err,
        stderr: [text, `${text}\n[fake]`],
      }),
      plain,
    )
    assert.doesNotMatch(out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/)
    const [first = '', ...others] = out.slice(0, -1).split('\n')
    assert.match(first, opening)
    for (const line of others) assert.ok(line.startsWith('    '), JSON.stringify(line))
  }
})
