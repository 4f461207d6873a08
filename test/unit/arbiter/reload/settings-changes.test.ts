// What a reload says that it has changed, and what it keeps to itself.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changedSettings, tellChanges } from '../../../../src/arbiter/reload/settings-changes.ts'
import { resolveSettings } from '../../../../src/config/sources/resolve.ts'
import type { SettingsInput } from '../../../../src/config/settings/table.ts'

function told(before: SettingsInput, after: SettingsInput): string {
  const [first, second] = [before, after].map(
    (values) => resolveSettings([{ where: 'test', values: { ...values } }], {}).settings,
  )
  assert.ok(first && second)
  return tellChanges(changedSettings(first, second))
}

test('each setting that changed is told with its old and its new value, and no other', () => {
  assert.equal(
    told({ workers: 2, loglevel: 'info' }, { workers: 'auto', loglevel: 'info' }),
    'workers 2 → "auto"',
  )
  assert.equal(
    told(
      { accesslog: null, log_rotation: { size: '1M' } },
      { accesslog: '/var/log/a.log', log_rotation: { size: '1M' }, timeout: 5 },
    ),
    'timeout 30 → 5, accesslog null → "/var/log/a.log"',
  )
  assert.equal(told({ workers: 2 }, { workers: 2 }), '')
})

test('of variables the name is told, and never the value', () => {
  const text = told(
    { env: { MODE: 'red', OLD: 'x', SAME: 's' } },
    { env: { MODE: 'blue', NEW: 'y', SAME: 's' } },
  )
  assert.equal(text, 'env.MODE (hidden), env.OLD (hidden), env.NEW (hidden)')
})

test('a value that has a password in an address is not told', () => {
  assert.equal(told({ proc_name: 'a' }, { proc_name: 'redis://shop:s3cret@db/0' }), 'proc_name (hidden)')
  assert.equal(told({ hooks: ['./a.js', 'x://u:p@h'] }, { hooks: ['./a.js'] }), 'hooks (hidden)')
  assert.equal(
    told({ proc_name: 'a' }, { proc_name: 'redis://db:6379/0' }),
    'proc_name "a" → "redis://db:6379/0"',
  )
})

test('a long value is cut', () => {
  assert.equal(
    told({ proc_name: 'a' }, { proc_name: 'b'.repeat(100) }),
    `proc_name "a" → "${'b'.repeat(59)}…`,
  )
})
