// Where log lines end: in their order, whole, once; and what a place that cannot be written to does to them.

import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { BufferedSink } from '../../../../src/logging/files/buffered-sink.ts'
import type { Writer, Rotation, Written } from '../../../../src/logging/files/writer.ts'
import { nullSink } from '../../../../src/logging/files/sink.ts'
import { directory, limit, openFileSink, until, watchToList } from '../../../helpers/logs.ts'

/** A disk of so many bytes: it takes the beginning of what does not fit, as write(2) does. */
class SmallDisk implements Writer {
  text = ''
  capacity = Infinity
  /** As the policy of its rotation would have it. */
  room = Infinity
  rotations: () => Promise<Rotation> = () => Promise.resolve('rotated')
  /** Whether the next opening finds the file as it was left. */
  goesOn = true
  reopened = 0
  /** Holds every write back until it is called. */
  hold: Promise<void> = Promise.resolve()

  async write(bytes: Buffer): Promise<Written> {
    await this.hold
    const fits = bytes.subarray(0, Math.max(0, this.capacity - this.text.length))
    this.text += fits.toString('latin1')
    return fits.length === bytes.length
      ? { bytes: bytes.length }
      : { bytes: fits.length, error: new Error('ENOSPC') }
  }

  async reopen(): Promise<boolean> {
    this.reopened += 1
    if (!this.goesOn) this.text += '|'
    return this.goesOn
  }

  configure(): void {
    this.text += '!'
  }

  check(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  isDue(): boolean {
    return this.room === 0
  }

  async rotate(): Promise<Rotation> {
    const rotation = await this.rotations()
    if (rotation === 'rotated') this.text += '/'
    return rotation
  }

  async close(): Promise<void> {
    this.text += '.'
  }
}

function sinkOn(writer: Writer, told: string[] = []): BufferedSink {
  return new BufferedSink({ name: 'log', isTerminal: false, writer, watch: watchToList(told), limit })
}

test('lines are written in their order, and close waits for all of them', async (t) => {
  const path = join(directory(t), 'a.log')
  const sink = await openFileSink(path)
  const lines = Array.from({ length: 20_000 }, (_, number) => `line ${number}\n`)
  for (const [number, line] of lines.entries()) sink.write(number % 2 === 0 ? line : Buffer.from(line))
  assert.equal(await sink.close(), 0)
  assert.equal(readFileSync(path, 'utf8'), lines.join(''))
})

test('a log file is for its owner and group only, and nothing else is left beside it', async (t) => {
  const folder = directory(t)
  const before = process.umask(0o022)
  const sink = await openFileSink(join(folder, 'a.log'))
  process.umask(before)
  sink.write('x\n')
  await sink.reopen()
  await sink.close()
  assert.equal(statSync(join(folder, 'a.log')).mode & 0o777, 0o640)
  assert.deepEqual(readdirSync(folder), ['a.log'])
})

test('a file that exists is appended to', async (t) => {
  const path = join(directory(t), 'a.log')
  writeFileSync(path, 'before\n')
  const sink = await openFileSink(path)
  sink.write('after\n')
  await sink.close()
  assert.equal(readFileSync(path, 'utf8'), 'before\nafter\n')
})

test('a place that cannot be a log is refused in plain words, and nothing is made', async (t) => {
  const folder = directory(t)
  mkdirSync(join(folder, 'sub'))
  await assert.rejects(openFileSink(join(folder, 'sub')), /it is a directory/)
  await assert.rejects(openFileSink(join(folder, 'none/a.log')), /directory .*none does not exist/)
  await assert.rejects(openFileSink('/dev/full'), /not a file/)
  writeFileSync(join(folder, 'closed'), '', { mode: 0o400 })
  if (process.geteuid?.() !== 0) await assert.rejects(openFileSink(join(folder, 'closed')), /EACCES/)
  assert.deepEqual(readdirSync(folder).sort(), ['closed', 'sub'])
})

test('after a rename and a reopening each line is in the old file or in the new one, once', async (t) => {
  const path = join(directory(t), 'a.log')
  const sink = await openFileSink(path)
  let count = 0
  for (let rotation = 0; rotation < 10; rotation += 1) {
    for (let line = 0; line < 500; line += 1) sink.write(`${count++}\n`)
    renameSync(path, `${path}.${rotation}`)
    const reopened = sink.reopen()
    for (let line = 0; line < 500; line += 1) sink.write(`${count++}\n`)
    await reopened
  }
  await sink.close()
  const parts = [...Array.from({ length: 10 }, (_, number) => `${path}.${number}`), path]
  const all = parts.map((part) => readFileSync(part, 'utf8')).join('')
  assert.equal(all, Array.from({ length: count }, (_, number) => `${number}\n`).join(''))
})

test('reopenings that overlap leave the last file open, and no line is lost', async (t) => {
  const path = join(directory(t), 'a.log')
  const sink = await openFileSink(path)
  sink.write('a\n')
  await Promise.all([sink.reopen(), sink.reopen(), sink.reopen()])
  sink.write('b\n')
  await sink.close()
  assert.equal(readFileSync(path, 'utf8'), 'a\nb\n')
})

test('a path that cannot be reopened leaves the old file in use', async (t) => {
  const folder = directory(t)
  mkdirSync(join(folder, 'logs'))
  const sink = await openFileSink(join(folder, 'logs/a.log'))
  renameSync(join(folder, 'logs'), join(folder, 'moved'))
  await assert.rejects(sink.reopen(), /directory .* does not exist/)
  sink.write('still here\n')
  await sink.close()
  assert.equal(readFileSync(join(folder, 'moved/a.log'), 'utf8'), 'still here\n')
})

test(
  'a full disk is told once; the lines wait, and a line that was cut off goes on where it ' + 'stopped',
  async () => {
    const told: string[] = []
    const disk = new SmallDisk()
    disk.capacity = 12
    const sink = sinkOn(disk, told)
    sink.write('first\n')
    sink.write('second\nthird\n')
    await until(() => told.length > 0)
    sink.write('fourth\n')
    assert.equal(disk.text, 'first\nsecond')
    await until(() => disk.reopened > 0)
    assert.deepEqual(told, ['failed log: ENOSPC'])
    disk.capacity = Infinity
    await until(() => told.length === 2)
    await sink.close()
    assert.equal(disk.text, 'first\nsecond\nthird\nfourth\n.')
    assert.deepEqual(told, ['failed log: ENOSPC', 'recovered log'])
  },
)

test('a line that was cut off is written anew when the file is another one', async () => {
  const disk = new SmallDisk()
  disk.capacity = 9
  const told: string[] = []
  const sink = sinkOn(disk, told)
  sink.write('first\nsecond\nthird\n')
  await until(() => told.length > 0)
  Object.assign(disk, { capacity: Infinity, goesOn: false })
  await sink.reopen()
  await sink.close()
  assert.match(disk.text, /^first\nsec\|+second\nthird\n\.$/)
})

test('lines beyond the bound are dropped and counted, and those before it are kept', async () => {
  const disk = new SmallDisk()
  let release: () => void = () => undefined
  disk.hold = new Promise((resolve) => (release = resolve))
  const sink = sinkOn(disk)
  const line = Buffer.from(`${'x'.repeat(99_999)}\n`)
  for (let number = 0; number < 300; number += 1) sink.write(line)
  const dropped = sink.takeDropped()
  assert.ok(dropped > 300 - limit / 100_000 - 5 && dropped < 300, `${dropped}`)
  assert.equal(sink.takeDropped(), 0, 'counted once')
  release()
  await sink.close()
  assert.equal(disk.text.length, (300 - dropped) * 100_000 + 1)
})

test('drops are not told while more are to come', async () => {
  const disk = new SmallDisk()
  disk.capacity = 0
  const told: string[] = []
  const sink = sinkOn(disk, told)
  sink.write('x\n')
  await until(() => told.length > 0)
  sink.write(Buffer.alloc(limit, '\n'))
  assert.equal(sink.takeDropped(), 0)
  disk.capacity = Infinity
  await until(() => told.length === 2)
  assert.equal(sink.takeDropped(), limit)
  await sink.close()
})

test(
  'at the end a disk that is still full costs one more try, and the lines that are lost are ' + 'counted',
  async () => {
    const disk = new SmallDisk()
    disk.capacity = 3
    const told: string[] = []
    const sink = sinkOn(disk, told)
    sink.write('a\nb\nc\n')
    await until(() => told.length > 0)
    assert.equal(await sink.close(), 2)
    assert.equal(disk.text, 'a\nb.')
  },
)

test('a log that is switched off takes anything and keeps nothing', async () => {
  nullSink.write('x\n')
  await nullSink.reopen()
  assert.equal(nullSink.takeDropped(), 0)
  assert.equal(await nullSink.close(), 0)
})

test('a record that fills the place is the last one there, and rotation comes between records', async () => {
  const disk = new SmallDisk()
  const limited = 12
  Object.defineProperty(disk, 'room', {
    get: () => Math.max(0, limited - disk.text.slice(disk.text.lastIndexOf('/') + 1).length),
  })
  const told: string[] = []
  const sink = sinkOn(disk, told)
  sink.write('one\ntwo\nthree\nfour\n')
  sink.write('[x] five\n    and its stack\n[x] six\n')
  await sink.close()
  assert.equal(disk.text, 'one\ntwo\nthree\n/four\n[x] five\n    and its stack\n/[x] six\n.')
  assert.deepEqual(told, ['rotated log', 'rotated log'])
  assert.equal(sink.counts.rotations, 2)
  assert.equal(sink.counts.written, 'one\ntwo\nthree\nfour\n[x] five\n    and its stack\n[x] six\n'.length)
})

test('what cannot be rotated goes on growing, in large pieces, and that is told once', async () => {
  const disk = new SmallDisk()
  disk.room = 0
  let tries = 0
  disk.rotations = () => {
    tries += 1
    return Promise.reject(new Error('EACCES'))
  }
  const told: string[] = []
  const sink = sinkOn(disk, told)
  for (let number = 0; number < 100; number += 1) sink.write('line\n')
  await sink.close()
  assert.equal(disk.text, `${'line\n'.repeat(100)}.`)
  assert.deepEqual(told, ['not rotated log: EACCES'])
  assert.equal(tries, 1, 'it is not tried again at once')
})

test('a rotation of another master is waited for without a word', async () => {
  const disk = new SmallDisk()
  disk.room = 0
  disk.rotations = () => Promise.resolve('busy')
  const told: string[] = []
  const sink = sinkOn(disk, told)
  sink.write('a\nb\n')
  await until(() => disk.text === 'a\nb\n')
  disk.rotations = () => {
    disk.room = Infinity
    return Promise.resolve('rotated')
  }
  await until(() => {
    sink.tick()
    return disk.text.endsWith('/')
  })
  await sink.close()
  assert.equal(disk.text, 'a\nb\n/.')
  assert.deepEqual(told, ['rotated log'])
})

test('on demand what was written before is in the old file, what comes after in the new one', async () => {
  const disk = new SmallDisk()
  const sink = sinkOn(disk)
  for (let number = 0; number < 3; number += 1) {
    sink.write('before\n')
    assert.equal(await sink.rotate(), 'rotated')
    sink.write('after\n')
  }
  await sink.close()
  assert.equal(disk.text, `${'before\n/after\n'.repeat(3)}.`)
})

test('a line that was cut off by a full disk is ended before its file is rotated', async () => {
  const disk = new SmallDisk()
  disk.capacity = 3
  const told: string[] = []
  const sink = sinkOn(disk, told)
  sink.write('first\nsecond\n')
  await until(() => told.length > 0)
  disk.room = 0
  disk.rotations = () => {
    disk.room = Infinity
    return Promise.resolve('rotated')
  }
  disk.capacity = Infinity
  await until(() => told.includes('recovered log'))
  sink.write('third\n')
  await sink.close()
  assert.equal(disk.text, 'first\n/second\nthird\n.')
})

test('a rotation on demand of a place that cannot be written to is refused, and loses nothing', async () => {
  const disk = new SmallDisk()
  disk.capacity = 3
  const sink = sinkOn(disk)
  sink.write('first\n')
  await assert.rejects(sink.rotate(), /ENOSPC/)
  disk.capacity = Infinity
  assert.equal(await sink.close(), 0)
  assert.equal(disk.text, 'first\n.')
})

test(
  'a place that takes nothing for some seconds is told like one that fails, and no end waits for it ' +
    'for ever',
  async () => {
    const disk = new SmallDisk()
    let release: () => void = () => undefined
    disk.hold = new Promise((resolve) => (release = resolve))
    const told: string[] = []
    const sink = sinkOn(disk, told)
    sink.write('one\n')
    sink.write('two\nthree\n')
    await until(() => {
      sink.tick()
      return told.length > 0
    })
    assert.deepEqual(told, ['failed log: no write completed for 5 seconds'])
    assert.equal(await sink.close(), 3, 'what is not known to be written is counted as lost')
    release()
    await until(() => told.length > 1)
    assert.deepEqual(told[1], 'recovered log')
  },
)

test('the bound may change while lines wait', async () => {
  const disk = new SmallDisk()
  disk.capacity = 0
  const told: string[] = []
  const sink = sinkOn(disk, told)
  sink.write('one\n')
  await until(() => told.length > 0)
  sink.configure({ limit: 6, rotation: null, mode: 0o640 })
  sink.write('two\n')
  assert.equal(sink.counts.dropped, 1)
  sink.configure({ limit: 100, rotation: null, mode: 0o640 })
  sink.write('three\n')
  disk.capacity = Infinity
  assert.equal(await sink.close(), 1)
  assert.equal(disk.text, '!!one\nthree\n.')
})
