// The files of a single executable: packed, and unpacked where only their user can write.

import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { filesOfPack, listOfPack, pack } from '../../../src/build/runtime/pack.ts'
import { bases, isWhole, unpacked } from '../../../src/build/runtime/places.ts'

const files = [
  { path: 'index.js', bytes: Buffer.from('run()') },
  { path: 'app/empty', bytes: Buffer.alloc(0) },
  { path: 'app/native.node', bytes: Buffer.from([0, 255, 1, 254]) },
]

function directory(t: TestContext): string {
  const path = mkdtempSync(join(realpathSync(tmpdir()), 'tsgun-unpack-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('a pack has each file again, and its list without the contents', () => {
  const packed = pack(files)
  assert.deepEqual(
    [...filesOfPack(packed)].map(({ path, bytes }) => [path, bytes]),
    files.map(({ path, bytes }) => [path, bytes]),
  )
  assert.deepEqual(
    listOfPack(packed),
    files.map(({ path, bytes }) => ({ path, size: bytes.length })),
  )
})

test('files are unpacked once, and again when one is missing or cut', (t) => {
  const base = directory(t)
  const environment = { TSGUN_UNPACK_DIR: base }
  const packed = pack(files)
  const first = unpacked('shop', () => packed, environment)
  assert.equal(first, join(base, 'shop'))
  assert.equal(statSync(first).mode & 0o022, 0)
  const { ino } = statSync(first)
  unpacked('shop', () => packed, environment)
  assert.equal(statSync(first).ino, ino)
  rmSync(join(first, 'app/native.node'))
  assert.equal(isWhole(first, packed), false)
  unpacked('shop', () => packed, environment)
  assert.deepEqual(readFileSync(join(first, 'app/native.node')), files[2]?.bytes)
  assert.equal(isWhole(first, packed), true)
})

test('a directory that others can write, a link and a file are refused with the reason', (t) => {
  const base = directory(t)
  const environment = { TSGUN_UNPACK_DIR: base }
  const packed = pack(files)
  const path = unpacked('shop', () => packed, environment)
  chmodSync(path, 0o777)
  assert.throws(() => unpacked('shop', () => packed, environment), /only this user can write; remove it/)
  rmSync(path, { recursive: true })
  symlinkSync(base, path)
  assert.throws(() => unpacked('shop', () => packed, environment), /TSGUN_UNPACK_DIR[^]*not a directory/)
})

test('a place where nothing can be made is named', () => {
  const environment = { TSGUN_UNPACK_DIR: '/proc/none/below' }
  const places = (): unknown => unpacked('shop', () => pack(files), environment)
  assert.throws(places, /TSGUN_UNPACK_DIR[^]*\/proc\/none\/below\/shop: ENOENT/)
})

test('the operator chooses the place, and a place that cannot be used is left for the next', () => {
  assert.deepEqual(bases({ TSGUN_UNPACK_DIR: '/srv/cache', XDG_CACHE_HOME: '/x' }), ['/srv/cache'])
  const isRoot = process.geteuid?.() === 0
  assert.equal(bases({ XDG_CACHE_HOME: '/x' })[0], isRoot ? '/var/cache' : '/x')
  assert.equal(bases({}).at(-1), tmpdir())
})
