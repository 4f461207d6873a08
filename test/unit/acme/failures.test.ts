import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { noteFailure, readFailures } from '../../../src/acme/failures.ts'

test('failures are counted over restarts, and what cannot be read is none', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-failures-test-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'a.failed')
  const none = { failures: 0, notBefore: 0 }
  assert.deepEqual(readFailures(path), none)
  noteFailure(path, { failures: 1, retryAfter: 0, now: 1000 })
  assert.deepEqual(readFailures(path), { failures: 1, notBefore: 61_000 })
  noteFailure(path, { failures: 4, retryAfter: 0, now: 1000 })
  assert.deepEqual(readFailures(path), { failures: 4, notBefore: 901_000 })
  noteFailure(path, { failures: 2, retryAfter: 3_600_000, now: 0 })
  assert.deepEqual(readFailures(path), { failures: 2, notBefore: 3_600_000 })
  for (const text of ['', 'x', '7', 'null', '{"failures":"1","notBefore":2}']) {
    writeFileSync(path, text)
    assert.deepEqual(readFailures(path), none)
  }
})
