// The notes of the last times, in a real file.

import assert from 'node:assert/strict'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { tickStore } from '../../../../src/arbiter/schedules/tick-store.ts'
import { directory } from '../../../helpers/logs.ts'

test('notes are read as they were written, also shorter ones after longer ones', (t) => {
  const path = join(directory(t), 'ticks')
  const store = tickStore(openSync(path, 'wx+'))
  assert.deepEqual(store.read(), new Map())
  const long = new Map([
    ['cleanup', { cron: '0 3 * * * Europe/Berlin', last: 1_700_000_000_000 }],
    ['report', { cron: '@hourly', last: 2 }],
  ])
  store.write(long)
  assert.deepEqual(store.read(), long)
  const short = new Map([['x', { cron: '@daily', last: 1 }]])
  store.write(short)
  assert.deepEqual(tickStore(openSync(path, 'r+')).read(), short)
  assert.match(readFileSync(path, 'utf8'), /^\{.*\}\n$/)
})

test('what is no note is skipped, and another file is an error', (t) => {
  const path = join(directory(t), 'ticks')
  writeFileSync(path, '{"a":{"cron":"x","last":"y"},"b":{"cron":"x","last":1},"c":3}')
  assert.deepEqual([...tickStore(openSync(path, 'r+')).read().keys()], ['b'])
  for (const text of ['no json', '[1]', '7']) {
    writeFileSync(path, text)
    assert.throws(() => tickStore(openSync(path, 'r+')).read(), /JSON/)
  }
})
