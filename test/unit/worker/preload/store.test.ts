// The files that preload() fills: their sizes, their order, and what is refused.

import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { SharedFile } from '../../../../src/sharing/shared-file.ts'
import { PreloadStore, type MemoryCalls } from '../../../../src/worker/preload/store.ts'

let directory = ''
before(() => void (directory = mkdtempSync(join(tmpdir(), 'tsgun-store-'))))
after(() => rmSync(directory, { recursive: true }))

/** `count`: of files that ctx.file() can make. */
function withStore(
  count: number,
  run: (store: PreloadStore, path: (nr: number) => string) => Promise<void>,
  calls?: MemoryCalls,
): Promise<void> {
  const path = (nr: number): string => join(directory, `file-${nr}`)
  const opened = Array.from({ length: count + 1 }, (_, nr) => openSync(path(nr), 'w+'))
  const [data = -1, ...files] = opened
  const task = {
    module: '/srv/app.js',
    isNamed: true,
    by: 'copied' as const,
    data,
    files: files.map((fd, nr) => ({ fd, path: path(nr + 1) })),
    directory,
  }
  return run(new PreloadStore(task, calls), path).finally(() => opened.forEach((fd) => closeSync(fd)))
}

async function* stream(...chunks: readonly (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk)
}

test('a path, a URL, bytes, an ArrayBuffer and a stream are each copied whole', () =>
  withStore(5, async (store, path) => {
    const source = join(directory, 'source')
    writeFileSync(source, 'of a file')
    const bytes = Uint8Array.from([1, 2, 3])
    const made = [
      await store.add(source),
      await store.add(pathToFileURL(source)),
      await store.add(bytes),
      await store.add(bytes.buffer),
      await store.add(stream('of ', Buffer.from('a stream'))),
    ]
    const contents = made.map((file) => file.bytes().toString('latin1'))
    assert.deepEqual(contents, ['of a file', 'of a file', '\x01\x02\x03', '\x01\x02\x03', 'of a stream'])
    for (const [nr, file] of made.entries()) {
      assert.equal(file.path, path(nr + 1))
      assert.equal(readFileSync(file.path, 'latin1'), contents[nr])
      assert.equal(store.numberOf(file), nr)
    }
    assert.deepEqual(store.sizes, [9, 9, 3, 3, 11])
  }))

test('files that are filled at the same time keep their places', () =>
  withStore(2, async (store) => {
    const [slow, quick] = await Promise.all([store.add(stream('a', 'b', 'c')), store.add(Buffer.from('d'))])
    assert.deepEqual([store.numberOf(slow), store.numberOf(quick)], [0, 1])
    assert.deepEqual(store.sizes, [3, 1])
  }))

test('more files than there are places are refused', () =>
  withStore(1, async (store) => {
    await store.add(Buffer.from('a'))
    await assert.rejects(
      store.add(Buffer.from('b')),
      /can make 1 files; put more of them into ctx\.directory/,
    )
  }))

test('a file that could not be filled has no size and keeps no other from its place', () =>
  withStore(2, async (store) => {
    await assert.rejects(store.add(join(directory, 'missing')), /ENOENT/)
    const file = await store.add(Buffer.from('ab'))
    assert.equal(store.numberOf(file), 1)
    assert.deepEqual(store.sizes, [0, 2])
  }))

test('a SharedFile of another preload() is refused', () =>
  withStore(1, (store) => {
    const other = new SharedFile({ path: '/proc/self/fd/9', size: 1, bytes: () => Buffer.from('x') })
    assert.throws(() => store.numberOf(other), /has not made/)
    return Promise.resolve()
  }))

test('memory is reserved before it is written, also when the size of a stream is not known, and sealed', async () => {
  const calls: string[] = []
  await withStore(
    2,
    async (store) => {
      await store.add(Buffer.from('four'))
      await store.add(stream('ab', 'cde'))
    },
    {
      reserve: (_, offset, length) => void calls.push(`reserve ${offset} ${length}`),
      seal: () => void calls.push('seal'),
      map: () => ({ view: () => new ArrayBuffer(0) }),
    },
  )
  assert.deepEqual(calls, ['reserve 0 4', 'seal', 'reserve 0 0', 'reserve 0 2', 'reserve 2 3', 'seal'])
})
