import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { freeMemory } from '../../../../src/os/limits/free-memory.ts'

const machine = 1000

/** Returns what is free where the machine has 1000 bytes, with these files below the mount point. */
function free(t: TestContext, files: Readonly<Record<string, string>>): number {
  const root = mkdtempSync(join(tmpdir(), 'tsgun-cgroup-'))
  t.after(() => rmSync(root, { recursive: true }))
  for (const [file, text] of Object.entries({ ...files, 'own-groups': '0::/a/b\n' })) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  return freeMemory({ root, own: join(root, 'own-groups') }, machine)
}

test('without a limit it is what the machine has', (t) => {
  assert.equal(free(t, {}), machine)
  assert.equal(free(t, { 'a/memory.max': 'max\n', 'a/memory.current': '900\n' }), machine)
})

test('with a limit it is what is left of it, and the cache of files counts as free', (t) => {
  const files = {
    'memory.stat': 'inactive_file 5000\n', // the root has statistics, but no limit
    'a/memory.max': '800\n',
    'a/memory.current': '500\n',
    'a/memory.stat': 'anon 300\ninactive_file 90\nactive_file 10\nworkingset_activate_file 7\n',
    'a/b/memory.max': 'max\n',
    'a/b/memory.current': '500\n',
    'a/b/memory.stat': 'inactive_file 1\n',
  }
  assert.equal(free(t, files), 400)
  assert.equal(free(t, { ...files, 'a/b/memory.max': '501\n' }), 2)
})

test('a group that is over its limit has nothing left', (t) => {
  assert.equal(free(t, { 'a/b/memory.max': '10\n', 'a/b/memory.current': '12\n', 'a/b/memory.stat': '' }), 0)
})
