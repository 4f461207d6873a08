// Which packages are copied, with what they need.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { copyPackages } from '../../../../src/build/packages/copier.ts'
import { hasAddon, lacksAddon, packageOf } from '../../../../src/build/packages/find.ts'
import { KeptPackages } from '../../../../src/build/packages/kept.ts'

function project(t: TestContext, files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(realpathSync(tmpdir()), 'tsgun-packages-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text)
  }
  return path
}

test('a package is copied with what it needs, two versions of one beside each other', (t) => {
  const manifest = (name: string, dependencies: object): string => JSON.stringify({ name, dependencies })
  const path = project(t, {
    'node_modules/a/package.json': manifest('a', { b: '1', '@c/d': '1', absent: '1', left: '1' }),
    'node_modules/a/index.js': '',
    'node_modules/a/index.d.ts': '',
    'node_modules/a/readme.md': '',
    'node_modules/b/package.json': manifest('b', {}),
    'node_modules/left/package.json': manifest('left', {}),
    'node_modules/@c/d/package.json': manifest('@c/d', { b: '2' }),
    'node_modules/@c/d/node_modules/b/package.json': manifest('b', { a: '1' }),
  })
  const directory = join(path, 'node_modules/a')
  copyPackages(join(path, 'out'), [{ name: 'a', directory, without: ['left'] }])
  const copied = readdirSync(join(path, 'out'), { recursive: true, encoding: 'utf8' })
  assert.deepEqual(copied.filter((file) => /\.(?:json|js|ts|md)$/.test(file)).sort(), [
    '@c/d/node_modules/b/package.json',
    '@c/d/package.json',
    'a/index.js',
    'a/package.json',
    'b/package.json',
  ])
})

test('a package has a native addon by itself, or by one for the platform', (t) => {
  const path = project(t, {
    'node_modules/own/package.json': '{}',
    'node_modules/own/build/Release/own.node': '',
    'node_modules/by/package.json': '{ "optionalDependencies": { "@by/linux": "1", "@by/other": "1" } }',
    'node_modules/@by/linux/package.json': '{}',
    'node_modules/@by/linux/by.node': '',
    'node_modules/none/package.json': '{}',
    'node_modules/none/node_modules/own/own.node': '',
  })
  const found = ['own', 'by', 'none'].map((name) => hasAddon(join(path, 'node_modules', name)))
  assert.deepEqual(found, [true, true, false])
  writeFileSync(join(path, 'node_modules/none/binding.gyp'), '')
  assert.equal(lacksAddon(join(path, 'node_modules/none')), true)
  assert.deepEqual(packageOf('/x/node_modules/@by/linux/lib/a.js'), {
    name: '@by/linux',
    directory: '/x/node_modules/@by/linux',
  })
  assert.equal(packageOf('/x/src/a.js'), undefined)
})

test('what a package needs stays a package too, a peer also, and a tool for developers does not', (t) => {
  const path = project(t, {
    'node_modules/a/package.json': JSON.stringify({
      dependencies: { b: '1' },
      peerDependencies: { c: '1', typescript: '5' },
    }),
    'node_modules/b/package.json': '{ "dependencies": { "a": "1" } }',
    'node_modules/c/package.json': '{}',
    'node_modules/typescript/package.json': '{}',
    'node_modules/z/node_modules/b/package.json': '{}',
  })
  const at = (name: string): { name: string; directory: string } => ({
    name: name.split('/').at(-1) ?? name,
    directory: join(path, 'node_modules', name),
  })
  const kept = new KeptPackages()
  kept.add(at('a'))
  assert.deepEqual(
    ['b', 'c', 'typescript', 'z/node_modules/b'].map((name) => kept.keeps(at(name))),
    [true, true, false, false],
  )
  assert.equal(kept.importedAs(at('b')), undefined)
  assert.equal(kept.importedAs(at('b')), undefined)
  assert.equal(kept.importedAs(at('z/node_modules/b')), at('b').directory)
})
