// Rotated files are compressed, and removed when there are too many, also after a crash; other files are not
// changed.

import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { type FileLocks, noLocks } from '../../../../src/logging/rotation/file-locks.ts'
import { Archive } from '../../../../src/logging/rotation/archive.ts'
import type { RotationPolicy } from '../../../../src/logging/rotation/policy.ts'
import { directory, policy, until } from '../../../helpers/logs.ts'

interface Fixture {
  readonly folder: string
  readonly archive: Archive
  readonly problems: string[]
  readonly names: () => string[]
}

function archiveOf(
  t: TestContext,
  files: Readonly<Record<string, string | Buffer>>,
  locks: FileLocks = noLocks,
): Fixture {
  const folder = directory(t)
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), content, { mode: 0o640 })
  const problems: string[] = []
  const archive = new Archive({
    path: join(folder, 'a.log'),
    locks,
    enqueue: (work) => work(),
    onProblem: ({ message }) => problems.push(message),
  })
  t.after(() => archive.close())
  return { folder, archive, problems, names: () => readdirSync(folder).sort() }
}

/** Applies the settings and waits until the work is done. */
async function settled(archive: Archive, settings: Partial<RotationPolicy>): Promise<void> {
  archive.configure(policy(settings))
  await archive.idle()
}

test('rotated files are compressed with their mode and time, and no other file is changed', async (t) => {
  const text = 'a line\n'.repeat(100_000)
  const others = { 'a.log': 'now\n', 'a.log.1': 'x', 'a.log-20261123': 'x', 'b.log.2026-11-23.0001': 'x' }
  const { folder, archive, problems, names } = archiveOf(t, {
    ...others,
    'a.log.2026-11-23.0001': text,
    'a.log.2026-11-23.0002': 'two\n',
  })
  utimesSync(join(folder, 'a.log.2026-11-23.0001'), 1000, 2000)
  await settled(archive, { compress: true, keep: 5 })
  assert.deepEqual(
    names(),
    [...Object.keys(others), 'a.log.2026-11-23.0001.gz', 'a.log.2026-11-23.0002.gz'].sort(),
  )
  assert.equal(gunzipSync(readFileSync(join(folder, 'a.log.2026-11-23.0001.gz'))).toString(), text)
  const { mode, mtimeMs } = statSync(join(folder, 'a.log.2026-11-23.0001.gz'))
  assert.equal(mode & 0o777, 0o640)
  assert.equal(mtimeMs, 2_000_000)
  assert.deepEqual(problems, [])
})

test('keep and total_size remove the oldest rotated files, and no other file', async (t) => {
  const rotated = Object.fromEntries(
    Array.from({ length: 9 }, (_, index) => [`a.log.2026-11-23.000${index + 1}`, 'x'.repeat(10)]),
  )
  const others = { 'a.log': '', 'a.log.0.gz': 'x', 'a.log.2026-11-23': 'x', 'aXlog.2026-11-23.0001': 'x' }
  const { folder, archive, names } = archiveOf(t, { ...others, ...rotated })
  mkdirSync(join(folder, 'a.log.2020-01-01.0001'))
  symlinkSync('/etc/passwd', join(folder, 'a.log.2020-01-02.0001'))
  const foreign = [...Object.keys(others), 'a.log.2020-01-01.0001', 'a.log.2020-01-02.0001']
  await settled(archive, { keep: 4 })
  assert.deepEqual(names(), [...foreign, ...Object.keys(rotated).slice(-4)].sort())
  await settled(archive, { total_size: 25 })
  assert.deepEqual(names(), [...foreign, ...Object.keys(rotated).slice(-2)].sort())
  await settled(archive, { keep: 0 })
  assert.deepEqual(names(), foreign.sort())
})

test('without a policy nothing is compressed or removed', async (t) => {
  const { archive, names } = archiveOf(t, {
    'a.log.2026-11-23.0001': 'x',
    'a.log.2026-11-23.0002.gz.part': 'x',
  })
  archive.configure(null)
  await archive.idle()
  assert.deepEqual(names(), ['a.log.2026-11-23.0001', 'a.log.2026-11-23.0002.gz.part'])
})

test('a compression interrupted by a crash is repeated; its partial file is never used', async (t) => {
  const { folder, archive, names } = archiveOf(t, {
    'a.log.2026-11-23.0001': 'all of it\n',
    'a.log.2026-11-23.0001.gz.part': gzipSync('all of it\n').subarray(0, 12),
    'a.log.2026-11-23.0002.gz.part': 'its file is gone',
  })
  await settled(archive, { compress: true })
  assert.deepEqual(names(), ['a.log.2026-11-23.0001.gz'])
  assert.equal(gunzipSync(readFileSync(join(folder, 'a.log.2026-11-23.0001.gz'))).toString(), 'all of it\n')
})

test('after a crash between compressing and removing, no line exists twice', async (t) => {
  const { archive, names, problems } = archiveOf(t, {
    'a.log.2026-11-23.0001': 'one\n',
    'a.log.2026-11-23.0001.gz': gzipSync('one\n'),
  })
  await settled(archive, { compress: true })
  assert.deepEqual(names(), ['a.log.2026-11-23.0001.gz'])
  assert.deepEqual(problems, [])
})

test('a compressed file with other content is kept with its original, and the others are compressed', async (t) => {
  const other = gzipSync('other content\n')
  const { folder, archive, names, problems } = archiveOf(t, {
    'a.log.2026-11-23.0001': 'one\n',
    'a.log.2026-11-23.0002': 'two\n',
    'a.log.2026-11-23.0002.gz': other,
  })
  await settled(archive, { compress: true })
  assert.deepEqual(names(), ['a.log.2026-11-23.0001.gz', 'a.log.2026-11-23.0002', 'a.log.2026-11-23.0002.gz'])
  assert.deepEqual(readFileSync(join(folder, 'a.log.2026-11-23.0002.gz')), other)
  assert.match(problems.join(), /0002\.gz already exists with other content; both files are kept$/)
  archive.update()
  await archive.idle()
  assert.equal(problems.length, 1, 'reported once')
})

test('a claimed name that is not used is removed after a minute, and not before', async (t) => {
  const { folder, archive, names } = archiveOf(t, {
    'a.log.2026-11-23.0001': '',
    'a.log.2026-11-23.0002': '',
  })
  utimesSync(join(folder, 'a.log.2026-11-23.0001'), 1000, Date.now() / 1000 - 61)
  await settled(archive, {})
  assert.deepEqual(names(), ['a.log.2026-11-23.0002'])
})

test('a claimed name is not compressed', async (t) => {
  const { archive, names, problems } = archiveOf(t, {
    'a.log.2026-11-23.0001': 'x',
    'a.log.2026-11-23.0002': '',
  })
  await settled(archive, { compress: true })
  assert.deepEqual(names(), ['a.log.2026-11-23.0001.gz', 'a.log.2026-11-23.0002'])
  assert.deepEqual(problems, [])
})

test('a file that another master may still write to is not compressed yet', async (t) => {
  let isFree = false
  const { archive, names } = archiveOf(t, { 'a.log.2026-11-23.0001': 'x' }, { lock: () => isFree })
  await settled(archive, { compress: true })
  assert.deepEqual(names(), ['a.log.2026-11-23.0001'])
  isFree = true
  archive.update()
  await archive.idle()
  assert.deepEqual(names(), ['a.log.2026-11-23.0001.gz'])
})

test('the next name is claimed by an empty file, so that no other process uses it', async (t) => {
  const { archive, folder } = archiveOf(t, { 'a.log.2026-11-23.0041.gz': 'x' })
  archive.configure(policy({ interval: '1d', utc: true }))
  const at = Date.UTC(2026, 10, 23, 12)
  const claims = await Promise.all([archive.claim(at), archive.claim(at), archive.claim(at)])
  assert.deepEqual(
    claims.sort(),
    ['0042', '0043', '0044'].map((index) => join(folder, `a.log.2026-11-23.${index}`)),
  )
  for (const path of claims) assert.ok(existsSync(path) && statSync(path).size === 0)
})

test('close does not wait for a long compression, and leaves no partial file', async (t) => {
  const { archive, names, problems } = archiveOf(t, {
    'a.log.2026-11-23.0001': Buffer.alloc(200_000_000, 'abc'),
  })
  archive.configure(policy({ compress: true }))
  await until(() => names().some((name) => name.endsWith('.part')))
  await archive.close()
  assert.deepEqual(names(), ['a.log.2026-11-23.0001'])
  assert.deepEqual(problems, [])
})
