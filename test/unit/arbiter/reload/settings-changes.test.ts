// What a reload reports as changed settings, and which values it hides.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changesBetween, type Changeable } from '../../../../src/arbiter/reload/settings-changes.ts'
import { resolveSettings } from '../../../../src/config/sources/resolve.ts'
import type { SettingsInput } from '../../../../src/config/settings/table.ts'

/** The changes as text: name, old value, new value. */
function changes(before: SettingsInput, after: SettingsInput): string {
  return textOf(changesBetween(generation({ settings: before }), generation({ settings: after })))
}

const textOf = (found: ReturnType<typeof changesBetween>): string =>
  found
    .map(({ name, values }) => `${name} ${values ? `${values.from} → ${values.to}` : '(hidden)'}`)
    .join(', ')

interface Facts {
  readonly settings?: SettingsInput
  readonly inFiles?: Readonly<Record<string, string>>
  readonly byConfig?: Readonly<Record<string, string | undefined>>
}

function generation({ settings: values = {}, inFiles = {}, byConfig = {} }: Facts): Changeable {
  const { settings } = resolveSettings([{ where: 'test', values: { ...values } }], {})
  const environmentChanges = new Map(Object.entries(byConfig))
  return { config: { settings, fileVariables: inFiles }, environmentChanges }
}

test('each setting that changed is reported with its old and its new value, and no other', () => {
  assert.equal(
    changes({ workers: 2, loglevel: 'info' }, { workers: 'auto', loglevel: 'info' }),
    'workers 2 → "auto"',
  )
  assert.equal(
    changes(
      { accesslog: null, log_rotation: { size: '1M' } },
      { accesslog: '/var/log/a.log', log_rotation: { size: '1M' }, timeout: 5 },
    ),
    'timeout 30 → 5, accesslog null → "/var/log/a.log"',
  )
  assert.equal(changes({ workers: 2 }, { workers: 2 }), '')
})

test('of a variable only the name is reported, never the value', () => {
  const text = changes(
    { env: { MODE: 'red', OLD: 'x', SAME: 's' } },
    { env: { MODE: 'blue', NEW: 'y', SAME: 's' } },
  )
  assert.equal(text, 'env.MODE (hidden), env.OLD (hidden), env.NEW (hidden)')
  const before = generation({ inFiles: { A: '1', B: '1' }, byConfig: { C: '1', D: '1', E: undefined } })
  const after = generation({ inFiles: { A: '2', B: '1' }, byConfig: { C: '2', E: undefined } })
  assert.equal(
    textOf(changesBetween(before, after)),
    'env_file.A (hidden), process.env.C (hidden), process.env.D (hidden)',
  )
})

test('a value that has a password in an address is hidden', () => {
  assert.equal(changes({ proc_name: 'a' }, { proc_name: 'redis://shop:s3cret@db/0' }), 'proc_name (hidden)')
  assert.equal(changes({ hooks: ['./a.js', 'x://u:p@h'] }, { hooks: ['./a.js'] }), 'hooks (hidden)')
  assert.equal(
    changes({ proc_name: 'a' }, { proc_name: 'redis://db:6379/0' }),
    'proc_name "a" → "redis://db:6379/0"',
  )
})

test('a long value is cut', () => {
  assert.equal(
    changes({ proc_name: 'a' }, { proc_name: 'b'.repeat(100) }),
    `proc_name "a" → "${'b'.repeat(59)}…`,
  )
})
