// The messages of a watchdog thread arrive however the pipe cuts them; anything else is reported and dropped.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReportReader } from '../../../../../src/arbiter/pool/process/report-reader.ts'
import { seal, type WorkerMessage } from '../../../../../src/ipc/messages.ts'
import type { StuckReport } from '../../../../../src/config/hooks/views.ts'

const report: StuckReport = {
  where: 'javascript',
  silent: 1000,
  step: null,
  stack: ['at löse (/srv/app.ts:1:1)'],
  requests: ['GET / age_ms=3'],
  more: 0,
  heapUsed: 1,
  heapLimit: 2,
  rss: 3,
}

function reader(): {
  readonly reader: ReportReader
  readonly messages: WorkerMessage[]
  readonly unknown: () => number
} {
  const messages: WorkerMessage[] = []
  let unknown = 0
  const made = new ReportReader({
    onMessage: (message) => messages.push(message),
    onUnknown: () => (unknown += 1),
  })
  return { reader: made, messages, unknown: () => unknown }
}

const stuck: WorkerMessage = { type: 'stuck', report }
const line = (message: unknown): Buffer => Buffer.from(`${JSON.stringify(message)}\n`)

test('messages arrive whole wherever the pipe cuts them, also inside of a character', () => {
  const bytes = Buffer.concat([line(seal(stuck)), line(seal({ type: 'spent' }))])
  for (const size of [1, 7, bytes.length]) {
    const { reader: made, messages, unknown } = reader()
    for (let at = 0; at < bytes.length; at += size) made.push(bytes.subarray(at, at + size))
    made.end()
    assert.deepEqual(messages, [stuck, { type: 'spent' }])
    assert.equal(unknown(), 0)
  }
})

test('what is not a message, or not a report, is reported and dropped, and the next one arrives', () => {
  const { reader: made, messages, unknown } = reader()
  made.push(Buffer.from('this is no JSON\n\u0000\n'))
  made.push(line({ type: 'spent' }))
  // as a wrong thread could say
  made.push(line(seal({ type: 'stuck', report: { ...report, stack: [1] } } as unknown as WorkerMessage)))
  made.push(line(seal({ type: 'spent' })))
  assert.deepEqual(messages, [{ type: 'spent' }])
  assert.equal(unknown(), 4)
})

test('a line that does not end makes no memory grow, and one that was cut off by the end is none', () => {
  const { reader: made, messages, unknown } = reader()
  for (let number = 0; number < 100; number += 1) made.push(Buffer.alloc(65_536, 'x'))
  assert.ok(unknown() > 10)
  made.push(Buffer.from('\n{"tsgun":{"type":"spent"}'))
  made.end()
  assert.deepEqual(messages, [])
})
