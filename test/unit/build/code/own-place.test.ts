// Where the modules of a build think that they are.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { atPlace, pathInApp, usesPlace, withPlace } from '../../../../src/build/code/own-place.ts'

test('a file has the place in the build that it has in the project, also beside it', () => {
  assert.equal(pathInApp('/shop/src/lib/a.ts', '/shop'), 'src/lib/a.ts')
  assert.equal(pathInApp('/shared/b.ts', '/shop'), '_/shared/b.ts')
})

test('only code that asks for its place gets it, on its first line', () => {
  assert.equal(usesPlace('const a = 1'), false)
  for (const text of ['import.meta.url', 'join(__dirname)', 'require.main === module'])
    assert.equal(usesPlace(text), true, text)
  const code = atPlace('#!/usr/bin/env node\nuse(__dirname)', 'src/what?.ts')
  assert.match(code, /^const \{ href: .*tsgunPlace\("src\/what%3F\.ts"\);\nuse\(__dirname\)$/)
  assert.doesNotMatch(code, /tsgunMain/)
  assert.match(atPlace('require.main === module', 'a.js'), /^const .*tsgunMain = .*\? module : undefined;/)
  assert.match(atPlace('import.meta.main', 'a.js'), /^const .*tsgunIsMain = /)
})

test('each file of the build finds the folder app/', () => {
  const banner = "new URL(path, new URL('<app>', import.meta.url))"
  assert.match(withPlace(banner, 'app.mjs'), /new URL\("\.\/", /)
  assert.match(withPlace(banner, 'chunks/a/b.mjs'), /new URL\("\.\.\/\.\.\/", /)
})
