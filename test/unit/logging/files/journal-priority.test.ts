// Priorities of the systemd journal: which streams get them, and which priority each line has.

import assert from 'node:assert/strict'
import { fstatSync } from 'node:fs'
import { test } from 'node:test'
import { isJournal, withPriorities } from '../../../../src/logging/files/journal-priority.ts'

test('each line of a record has the priority of its level, in both formats', () => {
  assert.equal(
    withPriorities(
      '[2026-11-23 09:15:02.123 +0100] [7] [ERROR] [worker 1] boom\n    at run (app.ts:1)\n[2026-11-23 ' +
        '09:15:02.124 +0100] [7] [DEBUG] x\n',
    ),
    '<3>[2026-11-23 09:15:02.123 +0100] [7] [ERROR] [worker 1] boom\n<3>    at run ' +
      '(app.ts:1)\n<7>[2026-11-23 09:15:02.124 +0100] [7] [DEBUG] x\n',
  )
  assert.equal(
    withPriorities('{"level":"fatal","msg":"a"}\n{"level":"warn","msg":"b"}\n{"level":"audit","msg":"c"}\n'),
    '<2>{"level":"fatal","msg":"a"}\n<4>{"level":"warn","msg":"b"}\n<6>{"level":"audit","msg":"c"}\n',
  )
})

test('bytes that are not UTF-8 stay unchanged, and lines outside a record have priority info', () => {
  const bytes = Buffer.from([0x61, 0xff, 0xc3, 0x0a])
  assert.deepEqual(withPriorities(bytes), Buffer.concat([Buffer.from('<6>'), bytes]))
})

test('a stream is the journal when JOURNAL_STREAM contains its device and inode', () => {
  const { dev, ino } = fstatSync(1)
  assert.equal(isJournal(1, { JOURNAL_STREAM: `${dev}:${ino}` }), true)
  assert.equal(isJournal(1, { JOURNAL_STREAM: `${dev}:${ino}1` }), false)
  assert.equal(isJournal(1, {}), false)
})
