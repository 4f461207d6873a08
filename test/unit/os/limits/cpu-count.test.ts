import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { cpuCount } from '../../../../src/os/limits/cpu-count.ts'

/** Returns the count for 8 processors with these files below the mount point of cgroups. */
function count(t: TestContext, own: string, files: Readonly<Record<string, string>>): number {
  const root = mkdtempSync(join(tmpdir(), 'tsgun-cgroup-'))
  t.after(() => rmSync(root, { recursive: true }))
  for (const [file, text] of Object.entries({ ...files, 'own-groups': own })) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  return cpuCount(root, join(root, 'own-groups'), 8)
}

test('without a quota all processors are counted', (t) => {
  assert.equal(count(t, '', {}), 8)
  assert.equal(count(t, '0::/\n', { 'cpu.max': 'max 100000\n' }), 8)
  assert.equal(cpuCount('/no/such', '/no/such', 3), 3)
})

test('a quota is rounded up, to at least one and at most the available processors', (t) => {
  assert.equal(count(t, '0::/\n', { 'cpu.max': '150000 100000\n' }), 2)
  assert.equal(count(t, '0::/\n', { 'cpu.max': '10000 100000\n' }), 1)
  assert.equal(count(t, '0::/\n', { 'cpu.max': '9900000 100000\n' }), 8)
})

test('the lowest quota of the group and of the groups above it applies', (t) => {
  const files = {
    'a/cpu.max': '300000 100000\n',
    'a/b/cpu.max': '500000 100000\n',
    'c/cpu.max': '100000 100000\n',
  }
  assert.equal(count(t, '0::/a/b\n', files), 3)
})

test('the quota of cgroup v1 applies', (t) => {
  assert.equal(
    count(t, '4:cpu:/\n', { 'cpu/cpu.cfs_quota_us': '250000\n', 'cpu/cpu.cfs_period_us': '100000\n' }),
    3,
  )
  assert.equal(
    count(t, '4:cpu:/\n', { 'cpu/cpu.cfs_quota_us': '-1\n', 'cpu/cpu.cfs_period_us': '100000\n' }),
    8,
  )
})
