// A log file and its rotation: by size, by time, on demand, by one or two masters, and failures.

import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { type FileLocks, noLocks } from '../../../../src/logging/rotation/file-locks.ts'
import { FileWriter } from '../../../../src/logging/files/file-writer.ts'
import { Archive } from '../../../../src/logging/rotation/archive.ts'
import type { RotationPolicy } from '../../../../src/logging/rotation/policy.ts'
import { lockFile } from '../../../../src/os/system/file-lock.ts'
import { loadNative } from '../../../../src/os/system/native.ts'
import { directory, policy } from '../../../helpers/logs.ts'

const at = Date.UTC(2026, 10, 23, 12, 30)
const hour = 3_600_000

interface Opening {
  readonly path: string
  readonly rotation: RotationPolicy | null
  readonly locks?: FileLocks
  readonly mode?: number
  readonly gid?: number
}

async function open(
  t: TestContext,
  { path, rotation, locks = noLocks, mode = 0o640, gid }: Opening,
): Promise<FileWriter> {
  const archive = new Archive({ path, locks, enqueue: (work) => work(), onProblem: failUnlessOver(path) })
  const writer = new FileWriter({ path, gid, locks, archive })
  t.after(() => writer.close())
  writer.configure({ rotation, mode })
  await writer.reopen()
  return writer
}

/** Work that is still running when a test ends may find its directory removed. */
const failUnlessOver =
  (path: string) =>
  (error: Error): void =>
    assert.ok(!existsSync(dirname(path)), error)

const nativeLocks = (): FileLocks => {
  const native = loadNative()
  assert.ok(!(native instanceof Error))
  return { lock: (fd, kind) => lockFile(native, fd, kind) }
}

const bytes = (text: string): Buffer => Buffer.from(text)

test('a rotation is due when the file has reached its size, and creates a new file', async (t) => {
  const path = join(directory(t), 'a.log')
  const writer = await open(t, { path, rotation: policy({ size: 10, utc: true }) })
  assert.equal(writer.room, 10)
  assert.equal(writer.isDue(at), false)
  await writer.write(bytes('12345678\n'))
  assert.equal(writer.room, 1)
  assert.equal(writer.isDue(at), false)
  await writer.write(bytes('2\n'))
  assert.equal(writer.room, 0)
  assert.equal(writer.isDue(at), true)
  assert.equal(await writer.rotate(at), 'rotated')
  await writer.write(bytes('3\n'))
  assert.equal(readFileSync(`${path}.2026-11-23.0001`, 'utf8'), '12345678\n2\n')
  assert.equal(readFileSync(path, 'utf8'), '3\n')
  assert.equal(writer.room, 8)
})

test('an existing file counts with its size and modification time', async (t) => {
  const path = join(directory(t), 'a.log')
  writeFileSync(path, '123456789\n')
  utimesSync(path, at / 1000, (at - 2 * hour) / 1000)
  const sized = await open(t, { path, rotation: policy({ size: 10 }) })
  assert.equal(sized.isDue(at), true)
  const timed = await open(t, { path, rotation: policy({ interval: '1h', utc: true }) })
  assert.equal(timed.isDue(at - hour - 31 * 60_000), false)
  assert.equal(timed.isDue(at), true)
  await timed.rotate(at)
  assert.ok(existsSync(`${path}.2026-11-23T10.0001`), 'its name contains the hour of its lines')
})

test('at the end of an interval the file gets the name of that interval; an empty file stays', async (t) => {
  const folder = directory(t)
  const path = join(folder, 'a.log')
  const writer = await open(t, { path, rotation: policy({ interval: '1d', utc: true }) })
  assert.equal(writer.isDue(Date.now() + 48 * hour), false)
  assert.equal(await writer.rotate(at), 'empty')
  await writer.write(bytes('x\n'))
  const today = new Date().toISOString().slice(0, 10)
  const tomorrow = Date.now() + 24 * hour
  assert.equal(writer.isDue(tomorrow), true)
  await writer.rotate(tomorrow)
  assert.deepEqual(readdirSync(folder), ['a.log', `a.log.${today}.0001`])
  assert.equal(writer.isDue(tomorrow + 24 * hour), false)
})

test('setting the clock back does not rotate a file', async (t) => {
  const writer = await open(t, { path: join(directory(t), 'a.log'), rotation: policy({ interval: '1h' }) })
  await writer.write(bytes('x\n'))
  assert.equal(writer.isDue(Date.now() - 48 * hour), false)
})

test('a new file has the configured mode and group, whatever the umask; an existing one keeps its own', async (t) => {
  const folder = directory(t)
  const before = process.umask(0o077)
  try {
    const gid = process.geteuid?.() === 0 ? 12_345 : process.getegid?.()
    const writer = await open(t, {
      path: join(folder, 'a.log'),
      rotation: policy({ size: 1 }),
      mode: 0o644,
      ...(gid === undefined ? {} : { gid }),
    })
    await writer.write(bytes('x\n'))
    await writer.rotate(at)
    for (const name of readdirSync(folder)) {
      const stats = statSync(join(folder, name))
      assert.deepEqual([stats.mode & 0o777, stats.uid, stats.gid], [0o644, process.geteuid?.(), gid], name)
    }
    writeFileSync(join(folder, 'b.log'), '')
    chmodSync(join(folder, 'b.log'), 0o600)
    await open(t, { path: join(folder, 'b.log'), rotation: null })
    assert.equal(statSync(join(folder, 'b.log')).mode & 0o777, 0o600)
  } finally {
    process.umask(before)
  }
})

test('a file that cannot be renamed stays in use', async (t) => {
  const folder = directory(t)
  const path = join(folder, 'logs', 'a.log')
  mkdirSync(join(folder, 'logs'))
  const writer = await open(t, { path, rotation: policy({ size: 2 }) })
  await writer.write(bytes('1\n'))
  renameSync(join(folder, 'logs'), join(folder, 'moved'))
  await assert.rejects(writer.rotate(at), /ENOENT/)
  assert.deepEqual(await writer.write(bytes('2\n')), { bytes: 2 })
  renameSync(join(folder, 'moved'), join(folder, 'logs'))
  assert.equal(await writer.rotate(at), 'rotated')
  assert.equal(readFileSync(`${path}.${new Date(at).toISOString().slice(0, 10)}.0001`, 'utf8'), '1\n2\n')
})

test('of two masters that write to a file, one rotates it, and the other continues in the new file', async (t) => {
  const folder = directory(t)
  const path = join(folder, 'a.log')
  const locks = nativeLocks()
  const rotation = policy({ size: 4, utc: true })
  const one = await open(t, { path, rotation, locks })
  const other = await open(t, { path, rotation, locks })
  await one.write(bytes('1\n1\n'))
  await other.write(bytes('2\n2\n'))
  assert.ok(one.isDue(at) && other.isDue(at))
  assert.equal(await one.rotate(at), 'rotated')
  await one.write(bytes('3\n'))
  assert.equal(await other.rotate(at), 'elsewhere')
  await other.write(bytes('4\n'))
  assert.deepEqual(readdirSync(folder), ['a.log', 'a.log.2026-11-23.0001'])
  assert.equal(readFileSync(`${path}.2026-11-23.0001`, 'utf8'), '1\n1\n2\n2\n')
  assert.equal(readFileSync(path, 'utf8'), '3\n4\n')
})

test('of several masters that rotate at the same time only one does', async (t) => {
  const folder = directory(t)
  const path = join(folder, 'a.log')
  const locks = nativeLocks()
  const writers = await Promise.all(
    [1, 2, 3].map(() => open(t, { path, rotation: policy({ size: 2 }), locks })),
  )
  for (const writer of writers) await writer.write(bytes('x\n'))
  const found = await Promise.all(writers.map((writer) => writer.rotate(at)))
  assert.equal(found.filter((each) => each === 'rotated').length, 1, found.join())
  assert.equal(readdirSync(folder).length, 2)
})

test('a file that another master still has open is not compressed', async (t) => {
  const folder = directory(t)
  const path = join(folder, 'a.log')
  const locks = nativeLocks()
  const rotation = policy({ size: 2, compress: true, utc: true })
  const archive = new Archive({ path, locks, enqueue: (work) => work(), onProblem: failUnlessOver(path) })
  const one = new FileWriter({ path, gid: undefined, locks, archive })
  t.after(() => one.close())
  one.configure({ rotation, mode: 0o640 })
  await one.reopen()
  const other = await open(t, { path, rotation: null, locks })
  await one.write(bytes('1\n'))
  await one.rotate(at)
  await archive.idle()
  await other.write(bytes('late\n'))
  assert.deepEqual(readdirSync(folder), ['a.log', 'a.log.2026-11-23.0001'])
  await other.reopen()
  archive.update()
  await archive.idle()
  assert.deepEqual(readdirSync(folder), ['a.log', 'a.log.2026-11-23.0001.gz'])
})

test('a rotation creates a removed file again', async (t) => {
  const folder = directory(t)
  const path = join(folder, 'a.log')
  const writer = await open(t, { path, rotation: policy({ size: 2 }) })
  await writer.write(bytes('1\n'))
  rmSync(path)
  assert.equal(await writer.rotate(at), 'elsewhere')
  await writer.write(bytes('2\n'))
  assert.deepEqual(readdirSync(folder), ['a.log'])
  assert.equal(readFileSync(path, 'utf8'), '2\n')
})

test('a symbolic link cannot be rotated, because its path is not that of the file', async (t) => {
  const folder = directory(t)
  writeFileSync(join(folder, 'real.log'), '')
  symlinkSync('real.log', join(folder, 'a.log'))
  await assert.rejects(
    open(t, { path: join(folder, 'a.log'), rotation: policy({ size: 2 }) }),
    /it is a symbolic link; set the path of the file itself/,
  )
  const writer = await open(t, { path: join(folder, 'a.log'), rotation: null })
  await writer.write(bytes('1\n'))
  await assert.rejects(writer.rotate(at), /it is a symbolic link; set the path of the file itself/)
  await writer.write(bytes('2\n'))
  assert.equal(readFileSync(join(folder, 'real.log'), 'utf8'), '1\n2\n')
  assert.deepEqual(readdirSync(folder).sort(), ['a.log', 'real.log'])
})

test(
  'a symbolic link of another user is not followed',
  { skip: process.geteuid?.() !== 0 && 'only root can create such a link' },
  async (t) => {
    const folder = directory(t)
    writeFileSync(join(folder, 'target'), 'precious\n')
    symlinkSync('target', join(folder, 'a.log'))
    lchownSync(join(folder, 'a.log'), 12_345, 12_345)
    await assert.rejects(
      open(t, { path: join(folder, 'a.log'), rotation: null }),
      /it is a symbolic link of another user/,
    )
    assert.equal(readFileSync(join(folder, 'target'), 'utf8'), 'precious\n')
  },
)
