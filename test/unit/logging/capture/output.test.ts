// Output of a worker becomes records of the app log, whatever its bytes and wherever the pipe splits them.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { OutputCapture, type CaptureOptions } from '../../../../src/logging/capture/output.ts'

/** Returns the messages of these chunks, in both formats; each record is one line. */
function messages(chunks: readonly (Buffer | string)[], changes: Partial<CaptureOptions> = {}): string[] {
  const written = capture(chunks, { format: 'json', ...changes })
  return written.map((line) => (JSON.parse(line) as { msg: string }).msg)
}

function capture(chunks: readonly (Buffer | string)[], changes: Partial<CaptureOptions>): string[] {
  let text = ''
  const output = new OutputCapture({
    stream: 'stdout',
    pid: 7,
    nr: 2,
    format: 'text',
    color: false,
    write: (lines) => (text += lines),
    ...changes,
  })
  for (const chunk of chunks) output.push(Buffer.from(chunk))
  output.end()
  assert.ok(text === '' || text.endsWith('\n'))
  return text.split('\n').slice(0, -1)
}

test('a JSON record has the time, process, worker and stream; standard error has level warn', () => {
  const [line = ''] = capture(['hello\n'], { format: 'json', stream: 'stderr' })
  const { time, ...rest } = JSON.parse(line) as Record<string, unknown>
  assert.deepEqual(rest, { level: 'warn', pid: 7, nr: 2, stream: 'stderr', msg: 'hello' })
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

test('a text record has the time, process, level and worker, then the printed line', () => {
  assert.match(
    capture(['hello you\n'], {})[0] ?? '',
    /^\[[\d-]+ [\d:.]+ [+-]\d{4}\] \[7\] \[INFO\] \[worker 2\] hello you$/,
  )
  assert.match(capture(['oh\n'], { stream: 'stderr' })[0] ?? '', /\[7\] \[WARN\] \[worker 2\] oh$/)
})

test('the output of the master has no worker', () => {
  const options = { stream: 'stdout', pid: 1, format: 'json', color: false } as const
  let text = ''
  new OutputCapture({ ...options, write: (lines) => (text += lines) }).push(Buffer.from('x\n'))
  assert.deepEqual(Object.keys(JSON.parse(text) as object), ['level', 'time', 'pid', 'stream', 'msg'])
})

test('lines are found wherever the pipe splits them, also within a character', () => {
  const text = 'größe\n日本 🚀\r\n\nend\n'
  const bytes = Buffer.from(text)
  for (let cut = 0; cut <= bytes.length; cut += 1)
    assert.deepEqual(
      messages([bytes.subarray(0, cut), bytes.subarray(cut)]),
      ['größe', '日本 🚀', '', 'end'],
      `cut at ${cut}`,
    )
  assert.deepEqual(messages([...bytes].map((byte) => Buffer.of(byte))), ['größe', '日本 🚀', '', 'end'])
})

test('a last line without a newline is written at the end', () => {
  assert.deepEqual(messages(['whole\npart', 'ial']), ['whole', 'partial'])
  assert.deepEqual(
    messages([Buffer.from([0x61, 0xc3])]),
    ['a\ufffd'],
    'also when its last character is incomplete',
  )
})

test('colours are removed, other control characters stay visible', () => {
  assert.deepEqual(messages(['\u001b[32m[Nest] \u001b[39m\u001b[38;5;3mready\u001b[0m \u001b[2J\n']), [
    '[Nest] ready \u001b[2J',
  ])
  assert.match(capture(['\u001b[1;31mred\u001b[m\n'], {})[0] ?? '', / \[worker 2\] red$/)
})

test('on a terminal with colours they are kept, end with the line, and nothing else controls the terminal', () => {
  const [line = '', plain = ''] = capture(['\u001b[32mgreen\u001b[2J \u001b[1mbold\nplain\n'], {
    color: true,
  })
  assert.ok(line.endsWith(' [worker 2] \u001b[32mgreen\\x1b[2J \u001b[1mbold\u001b[0m'), JSON.stringify(line))
  assert.ok(plain.endsWith(' [worker 2] plain'))
})

const pinoLine = { level: 50, time: 1795987761787, pid: 7, hostname: 'h', order: 3, msg: 'no stock' }

test('a JSON line of a logger is merged into the record: level, time, message and fields', () => {
  const [line = ''] = capture([`${JSON.stringify(pinoLine)}\n`], { format: 'json' })
  assert.equal(
    line,
    '{"level":"error","time":"2026-11-29T21:29:21.787Z","pid":7,"nr":2,"stream":"stdout","hostname":"h",' +
      '"order":3,"msg":"no stock"}',
  )
  const [text = ''] = capture([`${JSON.stringify(pinoLine)}\n`], {})
  assert.match(text, /^\[2026-11-\d\d .*\] \[7\] \[ERROR\] \[worker 2\] no stock hostname=h order=3$/)
})

test('in the text format only lines of a logger are read, other JSON stays as it was printed', () => {
  for (const json of ['{"a":1}', '{"msg":"x"}', '{"level":"info"}', '{"level":"unheard of","msg":"x"}'])
    assert.ok(capture([`${json}\n`], {})[0]?.endsWith(`[INFO] [worker 2] ${json}`), json)
})

test('a line that does not end is written in pieces, so that the memory of the master does not grow', () => {
  const found = messages(Array.from({ length: 40 }, () => 'x'.repeat(65_536)))
  assert.deepEqual(
    found.map((line) => line.length),
    [1_048_576, 1_048_576, 524_288],
  )
})

test('binary output breaks neither a record nor a terminal', () => {
  const garbage = Buffer.concat([randomBytes(50_000), Buffer.from('\u001b[31m \u0000 \u2028 \u0085\nend\n')])
  for (const line of capture([garbage], { format: 'json' })) {
    assert.equal(typeof (JSON.parse(line) as { msg: unknown }).msg, 'string')
    assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
  }
  for (const line of capture([garbage], {})) {
    assert.match(line, /^\[\d{4}-/)
    assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
  }
})

test('no output can forge a record', () => {
  const forged = '[2026-11-23 09:15:02.123 +0100] [1] [FATAL] the server is gone'
  const lines = capture([`${forged}\nx\r${forged}\n`], {})
  assert.equal(lines.length, 2)
  assert.ok(lines.every((line) => / \[7\] \[INFO\] \[worker 2\] /.test(line)))
})
