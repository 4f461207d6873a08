// What the terminal shows of a start when the error log is elsewhere.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServingNote } from '../../../src/server/serving-note.ts'

for (const [errorLog, end] of [
  ['/var/log/error.log', 'error log: /var/log/error.log'],
  ['none', 'the error log is off'],
] as const) {
  test(`once all workers are ready, the addresses are printed, and where the error log is: ${errorLog}`, () => {
    const written: string[] = []
    const note = new ServingNote((text) => written.push(text), errorLog)
    note.apply({ type: 'listening', urls: ['http://a:1 (master pid 7)', 'unix:/b (master pid 7)'] })
    assert.deepEqual(written, [])
    note.apply({ type: 'workers_ready', count: 2 })
    assert.deepEqual(written, [
      `tsgun: serving at http://a:1 (master pid 7), unix:/b (master pid 7); ${end}\n`,
    ])
  })
}
