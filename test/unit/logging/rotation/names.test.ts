// The names of rotated files: in order, never used twice, and different from other files.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextName, rotatedFiles } from '../../../../src/logging/rotation/names.ts'

const foreign = [
  'access.log',
  'access.log.1',
  'access.log.1.gz',
  'access.log-20261123',
  'access.log-20261123.gz',
  'access.log.2026-11-23',
  'access.log.2026-11-23.001',
  'access.log.2026-11-23.0001.bak',
  'access.log.2026-11-23.0001.gz.tmp',
  'access.log.old.2026-11-23.0001',
  'my-access.log.2026-11-23.0001',
  'accessXlog.2026-11-23.0001',
  'access.log.2026-11-23T1.0001',
  'access.log.2026-11-23.0001\n',
]

function next(stamp: string, names: readonly string[], latestStamp = '2026-11-25'): string {
  return nextName({ log: 'access.log', stamp, latestStamp, existing: rotatedFiles('access.log', names) })
}

test('only files with names of the server are rotated files', () => {
  assert.deepEqual(rotatedFiles('access.log', foreign), [])
  const own = [
    'access.log.2026-11-23.0001',
    'access.log.2026-11-23T10.0001.gz',
    'access.log.2026-11-23T101530.12345.gz.part',
  ]
  assert.deepEqual(
    rotatedFiles('access.log', own).map(({ form }) => form),
    ['plain', 'gzip', 'part'],
  )
})

test('rotated files are returned in the order in which they were written', () => {
  const names = [
    'a.2026-11-23.0010',
    'a.2026-11-23.0009.gz',
    'a.2026-11-22.0100',
    'a.2026-11-23.10000',
    'a.2026-12-01.0001',
  ]
  assert.deepEqual(
    rotatedFiles('a', names).map(({ name }) => name),
    [
      'a.2026-11-22.0100',
      'a.2026-11-23.0009.gz',
      'a.2026-11-23.0010',
      'a.2026-11-23.10000',
      'a.2026-12-01.0001',
    ],
  )
})

test('a name is never used twice, compressed or not', () => {
  assert.equal(next('2026-11-23', foreign), 'access.log.2026-11-23.0001')
  assert.equal(next('2026-11-23', ['access.log.2026-11-23.0001']), 'access.log.2026-11-23.0002')
  assert.equal(next('2026-11-23', ['access.log.2026-11-23.0007.gz']), 'access.log.2026-11-23.0008')
  assert.equal(next('2026-11-23', ['access.log.2026-11-23.0007.gz.part']), 'access.log.2026-11-23.0008')
  assert.equal(next('2026-11-23', ['access.log.2026-11-23.9999']), 'access.log.2026-11-23.10000')
  assert.equal(next('2026-11-24', ['access.log.2026-11-23.0007']), 'access.log.2026-11-24.0001')
})

test('after the clock was set back, a file sorts after earlier ones, unless they are far in the future', () => {
  assert.equal(next('2026-11-23', ['access.log.2026-11-24.0003.gz']), 'access.log.2026-11-24.0004')
  assert.equal(next('2026-11-23', ['access.log.2099-01-01.0001']), 'access.log.2026-11-23.0001')
})
