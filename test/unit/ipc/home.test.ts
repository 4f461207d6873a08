// Which installed tsgun a directory has, and its version.

import assert from 'node:assert/strict'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { findHome, programIn, programs, versionIn } from '../../../src/ipc/home.ts'
import { ownPackage } from '../../../src/os/own-code.ts'

test('the nearest tsgun above a directory is found, through links, and only a real one', (t) => {
  const base = mkdtempSync(join(realpathSync(tmpdir()), 'tsgun-home-'))
  t.after(() => rmSync(base, { recursive: true }))
  const install = (directory: string, manifest: object): string => {
    const home = join(base, directory, 'node_modules/tsgun')
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'package.json'), JSON.stringify(manifest))
    return home
  }
  const outer = install('', { name: 'tsgun', version: '1.0.0' })
  const first = install('releases/1', { name: 'tsgun', version: '1.1.0' })
  install('releases/1/src', { name: 'other', version: '9.0.0' })
  mkdirSync(join(base, 'releases/2'))
  symlinkSync('releases/1', join(base, 'current'))
  assert.equal(findHome([join(base, 'current/src')]), first, 'another package of that name does not count')
  assert.equal(findHome([join(base, 'no/such/directory')]), outer)
  assert.equal(findHome([join(base, 'releases/2')]), outer)
  assert.equal(findHome(['/proc', join(base, 'releases/1')]), first, 'the first directory that has one')
  assert.equal(findHome(['/proc']), undefined)
  assert.equal(versionIn(first), '1.1.0')
  writeFileSync(join(first, 'package.json'), '{ "name": "tsgun", "vers') // half written
  assert.deepEqual([versionIn(first), versionIn('/proc')], [undefined, undefined])
})

test('the programs exist where the package says', () => {
  const { files, version } = JSON.parse(readFileSync(join(ownPackage, 'package.json'), 'utf8')) as {
    files: readonly string[]
    version: string
  }
  assert.equal(versionIn(ownPackage), version)
  for (const [name, path] of Object.entries(programs)) {
    assert.ok(
      files.some((folder) => path.startsWith(`${folder}/`)),
      name,
    )
    const source = path.replace(/^dist\//, 'src/').replace(/\.js$/, path.startsWith('dist/') ? '.ts' : '.js')
    assert.doesNotThrow(() => readFileSync(join(ownPackage, source)), name)
  }
  assert.equal(programIn('/a', 'worker'), '/a/dist/worker/main.js')
})
