// A report about tasks comes from a process whose app can send anything: only one of the right form counts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTaskReport } from '../../../src/ipc/task-report.ts'

const counts = {
  waiting: 0,
  running: 0,
  done: 1,
  failed: 0,
  refused: 0,
  lost: 0,
  cancelled: 0,
  timed_out: 0,
}
const ran = { tasks: 1, batches: 1, waits: [0, 1], runs: [1] }

test('reports of a worker and of a process of a task', () => {
  assert.ok(isTaskReport({ calls: {} }))
  assert.ok(isTaskReport({ calls: { ocr: counts } }))
  assert.ok(isTaskReport({ calls: {}, ran }))
})

for (const [name, value] of Object.entries({
  'no object': 7,
  'no calls': {},
  'a count that is missing': { calls: { ocr: { ...counts, lost: undefined } } },
  'a count that is no number': { calls: { ocr: { ...counts, done: '1' } } },
  'a count that is not finite': { calls: { ocr: { ...counts, done: Infinity } } },
  'times that are no list': { calls: {}, ran: { ...ran, waits: 'many' } },
  'more buckets than any histogram has': { calls: {}, ran: { ...ran, runs: new Array(5000).fill(0) } },
  'more tasks than any config has': {
    calls: Object.fromEntries(Array.from({ length: 2000 }, (_, nr) => [`t${nr}`, counts])),
  },
}))
  test(`${name} is no report`, () => {
    assert.equal(isTaskReport(value), false)
  })
