import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { memoryLimit } from '../../../../src/os/limits/memory-limit.ts'

const machine = 8 * 2 ** 30

/** Returns the limit on a machine of 8 GB with these files below the mount point of cgroups. */
function limit(t: TestContext, own: string, files: Readonly<Record<string, string>>): number {
  const root = mkdtempSync(join(tmpdir(), 'tsgun-cgroup-'))
  t.after(() => rmSync(root, { recursive: true }))
  for (const [file, text] of Object.entries({ ...files, 'own-groups': own })) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  return memoryLimit({ root, own: join(root, 'own-groups') }, machine)
}

test('without a limit the memory of the machine applies', (t) => {
  assert.equal(limit(t, '', {}), machine)
  assert.equal(limit(t, '0::/\n', { 'memory.max': 'max\n' }), machine)
  assert.equal(limit(t, '4:memory:/\n', { 'memory/memory.limit_in_bytes': '9223372036854771712\n' }), machine)
  assert.equal(memoryLimit({ root: '/no/such', own: '/no/such' }, 3), 3)
})

test(
  'the lowest limit of the group and of the groups above it applies, also in v1, up to the memory of the ' +
    'machine',
  (t) => {
    const files = {
      'memory.max': 'max\n',
      'a/memory.max': '300\n',
      'a/b/memory.max': '500\n',
      'c/memory.max': '100\n',
    }
    assert.equal(limit(t, '0::/a/b\n', files), 300)
    assert.equal(limit(t, '0::/\n', { 'memory.max': String(2 * machine) }), machine)
    assert.equal(limit(t, '4:memory:/\n', { 'memory/memory.limit_in_bytes': '536870912\n' }), 536_870_912)
  },
)
