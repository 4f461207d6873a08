// Warnings about values that are accepted and look like a mistake.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolveSettings } from '../../../../src/config/sources/resolve.ts'
import { durationNames } from '../../../../src/config/settings/durations.ts'
import type { Setting } from '../../../../src/config/settings/row.ts'
import { settings } from '../../../../src/config/settings/table.ts'

const warningsOf = (values: Record<string, unknown>): readonly string[] =>
  resolveSettings([{ where: 'f', values }], {}).warnings

test('every setting of seconds warns for what looks like milliseconds, and for nothing else', () => {
  for (const name of durationNames) {
    assert.equal((settings[name] as Setting).unit, 'seconds', name)
    for (const value of [1000, 1500, 5000, 15_000, 30_000, 65_000, 90_000 - 30_000])
      assert.match(
        warningsOf({ [name]: value })[0] ?? '',
        new RegExp(`^f: ${name}: ${value} is .*; settings are in seconds: did you mean ${value / 1000}\\?$`),
      )
    for (const value of [0.5, 30, 90, 600, 1200, 1800, 3600, 7200, 86_400])
      assert.deepEqual(warningsOf({ [name]: value }), [], `${name}: ${value}`)
  }
  assert.deepEqual(warningsOf({ timeout: 30_000 }), [
    'f: timeout: 30000 is 8.3 hours; settings are in seconds: did you mean 30?',
  ])
  assert.match(warningsOf({ timeout: 180_000 })[0] ?? '', /2\.1 days/)
})

test('sizes without a unit that are smaller than anything useful are warned of, in parts as well', () => {
  assert.deepEqual(
    warningsOf({
      max_memory_jitter: 32,
      log_rotation: { size: '100', total_size: 1024 },
      accesslog: { path: 'a.log', rotation: { size: 10 } },
    }),
    [
      'f: max_memory_jitter: 32 is 32 bytes; did you mean "32M"?',
      'f: accesslog.rotation.size: 10 is 10 bytes; did you mean "10M"?',
      'f: log_rotation.size: 100 is 100 bytes; did you mean "100M"?',
      'f: log_rotation.total_size: 1024 is 1024 bytes; did you mean "1024M"?',
    ].sort((a, b) => Number(a.includes('log_rotation')) - Number(b.includes('log_rotation'))),
  )
  assert.deepEqual(
    warningsOf({ log_rotation: { size: '100B', total_size: '20K' }, max_memory_jitter: 0 }),
    [],
  )
  assert.deepEqual(warningsOf({ log_rotation: { size: 100_000 } }), [])
})

test('a port, a home directory, a stream or a switch where a file belongs is warned of', () => {
  const of = (value: string): string => warningsOf({ pidfile: value })[0] ?? ''
  assert.equal(of('3000'), 'f: pidfile: this is the file "3000"; for a port: -b :3000, or bind: ":3000"')
  assert.match(of('~/app.pid'), /"~" is not expanded/)
  assert.match(warningsOf({ accesslog: 'stdout' })[0] ?? '', /for the standard stream write "-"$/)
  assert.match(
    warningsOf({ errorlog: { path: 'stderr', rotation: null } })[0] ?? '',
    /errorlog\.path: .*write "-"$/,
  )
  assert.match(warningsOf({ applog: 'off' })[0] ?? '', /to switch it off write null$/)
  assert.match(warningsOf({ control_socket: 'unix:/run/a' })[0] ?? '', /leave "unix:" out$/)
  assert.deepEqual(warningsOf({ pidfile: '/run/3000.pid', accesslog: '-', errorlog: 'logs/error.log' }), [])
})
