// What the terminal shows of a start when the error log is a file.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServingNote } from '../../../src/server/serving-note.ts'

test('once all workers are ready, the addresses are printed, and where the error log is', () => {
  const written: string[] = []
  const note = new ServingNote((text) => written.push(text), '/var/log/error.log')
  note.apply({ type: 'listening', urls: ['http://a:1 (master pid 7)', 'unix:/b (master pid 7)'] })
  assert.deepEqual(written, [])
  note.apply({ type: 'workers_ready', count: 2 })
  assert.deepEqual(written, [
    'tsgun: serving at http://a:1 (master pid 7), unix:/b (master pid 7); error log: /var/log/error.log\n',
  ])
})
