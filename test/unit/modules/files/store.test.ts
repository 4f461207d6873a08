// The files of a store: written completely, and read by stores opened before and after the write.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { StoredModule } from '../../../../src/modules/files/pack.ts'
import { createStore, openStore, touchStore } from '../../../../src/modules/files/store.ts'

function directory(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'tsgun-store-'))
  t.after(() => rmSync(made, { recursive: true }))
  return made
}

const compiled: StoredModule = {
  path: '/app/a.ts',
  format: 'commonjs',
  code: 'exports.a = "ä\\n"\n',
  exports: ['a'],
  reexports: ['./b'],
}
const plain: StoredModule = { path: '/app/b.js', format: 'detect', code: '', exports: [], reexports: [] }

test('a saved module is found unchanged, also by a store opened before', (t) => {
  const store = createStore(directory(t))
  const opened = openStore(store.directory)
  store.save(compiled)
  store.save(plain)
  for (const reader of [store, opened, openStore(store.directory)]) {
    assert.deepEqual(reader.find('/app/a.ts'), compiled)
    assert.deepEqual(reader.find('/app/b.js'), plain)
    assert.equal(reader.find('/app/c.ts'), undefined)
  }
})

test('a pack has many modules and the target of each import', (t) => {
  const store = createStore(directory(t))
  const modules = Array.from({ length: 50 }, (_, nr) => ({
    ...compiled,
    path: `/app/m${nr}.ts`,
    code: `é${nr}`,
  }))
  store.savePack('/app/m0.ts', modules, { '/app/m0.ts': { './m1': '/app/m1.ts' } })
  for (const reader of [store, openStore(store.directory)]) {
    assert.deepEqual(
      modules.map(({ path }) => reader.find(path)),
      modules,
    )
    assert.equal(reader.resolution('/app/m0.ts', './m1'), '/app/m1.ts')
    assert.equal(reader.resolution('/app/m0.ts', 'constructor'), undefined)
    assert.equal(reader.resolution('/app/m1.ts', './m1'), undefined)
  }
})

test('a module saved alone takes precedence over a pack', (t) => {
  const store = createStore(directory(t))
  store.save({ ...compiled, code: 'loaded' })
  store.saveResolution('/app/a.ts', './x', '/app/loaded.ts')
  store.savePack('/app/a.ts', [{ ...compiled, code: 'packed' }], { '/app/a.ts': { './x': '/app/packed.ts' } })
  for (const reader of [store, openStore(store.directory)]) {
    assert.equal(reader.find('/app/a.ts')?.code, 'loaded')
    assert.equal(reader.resolution('/app/a.ts', './x'), '/app/loaded.ts')
  }
})

test('a store lists its plain files and reports whether it has TypeScript', (t) => {
  const store = createStore(directory(t))
  store.save(plain)
  store.saveResolution('', '/app/b.js', '/app/b.js')
  assert.equal(openStore(store.directory).hasTypeScript(), false)
  assert.deepEqual(openStore(store.directory).plainModules(), [plain])
  store.save(compiled)
  assert.equal(openStore(store.directory).hasTypeScript(), true)
  assert.deepEqual(openStore(store.directory).plainModules(), [plain])
})

test('an incomplete file of a killed process is not read', (t) => {
  const store = createStore(directory(t))
  store.savePack('/app/a.ts', [compiled], {})
  const [pack = ''] = readdirSync(store.directory).filter((name) => name.startsWith('pack-'))
  writeFileSync(join(store.directory, `${pack}.123-0`), '{"modules":[["/app')
  assert.deepEqual(openStore(store.directory).find('/app/a.ts'), compiled)
})

test('only the user of the master can read the files of a store', (t) => {
  const store = createStore(directory(t))
  store.save(compiled)
  store.savePack('/app/a.ts', [compiled], {})
  for (const name of readdirSync(store.directory))
    assert.equal(statSync(join(store.directory, name)).mode & 0o077, 0, name)
})

test('a missing store cannot be opened', (t) => {
  const store = createStore(directory(t))
  rmSync(join(store.directory, 'generation'))
  assert.throws(() => openStore(store.directory), /no longer exists/)
})

test('touching a store updates the times of all files', (t) => {
  const store = createStore(directory(t))
  store.save(compiled)
  const files = readdirSync(store.directory).map((name) => join(store.directory, name))
  for (const file of files) utimesSync(file, 1, 1)
  touchStore(store.directory)
  for (const file of files) assert.ok(statSync(file).mtimeMs > 1_000_000, file)
})
