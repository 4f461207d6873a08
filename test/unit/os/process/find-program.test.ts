// The lookup of a program, and the version of Node.js.

import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { findProgram, nodeVersion } from '../../../../src/os/process/find-program.ts'

function directoryOf(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-program-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}

function write(path: string, text = '#!/bin/sh\n', mode = 0o755): void {
  writeFileSync(path, text)
  chmodSync(path, mode)
}

test('a name is looked up in PATH, in its order; folders and files that cannot be executed are skipped', (t) => {
  const directory = directoryOf(t)
  for (const folder of ['a', 'b', 'c', 'd']) mkdirSync(join(directory, folder))
  mkdirSync(join(directory, 'a/tool'))
  write(join(directory, 'b/tool'), '', 0o644)
  write(join(directory, 'c/tool'))
  write(join(directory, 'd/tool'))
  const path = `:a:b:${join(directory, 'missing')}:c:d`
  assert.equal(findProgram('tool', directory, path), join(directory, 'c/tool'))
  assert.equal(findProgram('other', directory, path), undefined)
  assert.equal(findProgram('tool', directory, ''), undefined)
})

test('a name with a slash is a path, relative to the directory', (t) => {
  const directory = directoryOf(t)
  mkdirSync(join(directory, 'bin'))
  write(join(directory, 'bin/tool'))
  assert.equal(findProgram('bin/tool', directory, ''), join(directory, 'bin/tool'))
  assert.equal(findProgram(join(directory, 'bin/tool'), '/', ''), join(directory, 'bin/tool'))
  assert.equal(findProgram('./tool', directory, join(directory, 'bin')), undefined)
})

test('nodeVersion resolves with the version, and rejects for another program', async (t) => {
  assert.equal(await nodeVersion(process.execPath, {}), process.version)
  const other = join(directoryOf(t), 'other')
  write(other, '#!/bin/sh\necho hello\n')
  await assert.rejects(nodeVersion(other, {}), /it is not Node\.js: --version printed "hello\\n"/)
  await assert.rejects(nodeVersion('/no/such/program', {}), /ENOENT/)
})
