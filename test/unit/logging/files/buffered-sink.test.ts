// The lines of a sink are written whole, once and in order, also after a destination has failed.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { BufferedSink } from '../../../../src/logging/files/buffered-sink.ts'
import type { Writer, Rotation, Written } from '../../../../src/logging/files/writer.ts'
import { nullSink } from '../../../../src/logging/files/sink.ts'
import { directory, limit, openFileSink, until, watchToList } from '../../../helpers/logs.ts'

/** A disk with this `capacity` in bytes: it accepts the start of what does not fit, like write(2). */
class SmallDisk implements Writer {
  text = ''
  capacity = Infinity
  /** As a rotation policy would set it. */
  room = Infinity
  rotations: () => Promise<Rotation> = () => Promise.resolve('rotated')
  /** Whether the next reopen finds the file unchanged. */
  canContinue = true
  reopened = 0
  /** Each write waits for it. */
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
    if (!this.canContinue) this.text += '|'
    return this.canContinue
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

function sinkOn(writer: Writer, events: string[] = []): BufferedSink {
  return new BufferedSink({ name: 'log', isTerminal: false, writer, watch: watchToList(events), limit })
}

test('lines are written in order, and close waits for all of them', async (t) => {
  const path = join(directory(t), 'a.log')
  const sink = await openFileSink(path)
  const lines = Array.from({ length: 20_000 }, (_, number) => `line ${number}\n`)
  for (const [number, line] of lines.entries()) sink.write(number % 2 === 0 ? line : Buffer.from(line))
  assert.equal(await sink.close(), 0)
  assert.equal(readFileSync(path, 'utf8'), lines.join(''))
})

test('a log file is readable by its owner and group only, and no other file is created', async (t) => {
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

test('lines are appended to an existing file', async (t) => {
  const path = join(directory(t), 'a.log')
  writeFileSync(path, 'before\n')
  const sink = await openFileSink(path)
  sink.write('after\n')
  await sink.close()
  assert.equal(readFileSync(path, 'utf8'), 'before\nafter\n')
})

test('a path that cannot be a log file is refused with the reason, and nothing is created', async (t) => {
  const folder = directory(t)
  mkdirSync(join(folder, 'sub'))
  await assert.rejects(openFileSink(join(folder, 'sub')), /it is a directory/)
  await assert.rejects(openFileSink(join(folder, 'none/a.log')), /directory .*none does not exist/)
  const server = createServer().listen(join(folder, 'socket'))
  await once(server, 'listening')
  await assert.rejects(openFileSink(join(folder, 'socket')), /it is a socket/)
  server.close()
  await once(server, 'close')
  writeFileSync(join(folder, 'closed'), '', { mode: 0o400 })
  if (process.geteuid?.() !== 0) await assert.rejects(openFileSink(join(folder, 'closed')), /EACCES/)
  assert.deepEqual(readdirSync(folder).sort(), ['closed', 'sub'])
})

test('after a rename and a reopen each line is in the old file or the new one, once', async (t) => {
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

test('after overlapping reopens the last file is open, and no line is lost', async (t) => {
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

test('a full disk is reported once; lines are kept, and a line that was cut off is continued', async () => {
  const events: string[] = []
  const disk = new SmallDisk()
  disk.capacity = 12
  const sink = sinkOn(disk, events)
  sink.write('first\n')
  sink.write('second\nthird\n')
  await until(() => events.length > 0)
  sink.write('fourth\n')
  assert.equal(disk.text, 'first\nsecond')
  await until(() => disk.reopened > 0)
  assert.deepEqual(events, ['failed log: ENOSPC'])
  disk.capacity = Infinity
  await until(() => events.length === 2)
  await sink.close()
  assert.equal(disk.text, 'first\nsecond\nthird\nfourth\n.')
  assert.deepEqual(events, ['failed log: ENOSPC', 'recovered log'])
})

test('a line that was cut off is written again, whole, in another file', async () => {
  const disk = new SmallDisk()
  disk.capacity = 9
  const events: string[] = []
  const sink = sinkOn(disk, events)
  sink.write('first\nsecond\nthird\n')
  await until(() => events.length > 0)
  Object.assign(disk, { capacity: Infinity, canContinue: false })
  await sink.reopen()
  await sink.close()
  assert.match(disk.text, /^first\nsec\|+second\nthird\n\.$/)
})

test('lines beyond the limit are dropped and counted, and those before it are kept', async () => {
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

test('dropped lines are not reported while more may follow', async () => {
  const disk = new SmallDisk()
  disk.capacity = 0
  const events: string[] = []
  const sink = sinkOn(disk, events)
  sink.write('x\n')
  await until(() => events.length > 0)
  sink.write(Buffer.alloc(limit, '\n'))
  assert.equal(sink.takeDropped(), 0)
  disk.capacity = Infinity
  await until(() => events.length === 2)
  assert.equal(sink.takeDropped(), limit)
  await sink.close()
})

test('close tries a full disk once more, and returns the number of lost lines', async () => {
  const disk = new SmallDisk()
  disk.capacity = 3
  const events: string[] = []
  const sink = sinkOn(disk, events)
  sink.write('a\nb\nc\n')
  await until(() => events.length > 0)
  assert.equal(await sink.close(), 2)
  assert.equal(disk.text, 'a\nb.')
})

test('a log that is switched off discards all lines', async () => {
  nullSink.write('x\n')
  await nullSink.reopen()
  assert.equal(nullSink.takeDropped(), 0)
  assert.equal(await nullSink.close(), 0)
})

test('the record that fills a file is its last one, and rotation happens between records', async () => {
  const disk = new SmallDisk()
  const limited = 12
  Object.defineProperty(disk, 'room', {
    get: () => Math.max(0, limited - disk.text.slice(disk.text.lastIndexOf('/') + 1).length),
  })
  const events: string[] = []
  const sink = sinkOn(disk, events)
  sink.write('one\ntwo\nthree\nfour\n')
  sink.write('[x] five\n    and its stack\n[x] six\n')
  await sink.close()
  assert.equal(disk.text, 'one\ntwo\nthree\n/four\n[x] five\n    and its stack\n/[x] six\n.')
  assert.deepEqual(events, ['rotated log', 'rotated log'])
  assert.equal(sink.counts.rotations, 2)
  assert.equal(sink.counts.written, 'one\ntwo\nthree\nfour\n[x] five\n    and its stack\n[x] six\n'.length)
})

test('a file that cannot be rotated continues to grow, and that is reported once', async () => {
  const disk = new SmallDisk()
  disk.room = 0
  let tries = 0
  disk.rotations = () => {
    tries += 1
    return Promise.reject(new Error('EACCES'))
  }
  const events: string[] = []
  const sink = sinkOn(disk, events)
  for (let number = 0; number < 100; number += 1) sink.write('line\n')
  await sink.close()
  assert.equal(disk.text, `${'line\n'.repeat(100)}.`)
  assert.deepEqual(events, ['not rotated log: EACCES'])
  assert.equal(tries, 1, 'not tried again at once')
})

test('a rotation of another master is waited for and not reported', async () => {
  const disk = new SmallDisk()
  disk.room = 0
  disk.rotations = () => Promise.resolve('busy')
  const events: string[] = []
  const sink = sinkOn(disk, events)
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
  assert.deepEqual(events, ['rotated log'])
})

test('with rotate, earlier lines are in the old file and later ones in the new one', async () => {
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

test('a line cut off by a full disk is completed before its file is rotated', async () => {
  const disk = new SmallDisk()
  disk.capacity = 3
  const events: string[] = []
  const sink = sinkOn(disk, events)
  sink.write('first\nsecond\n')
  await until(() => events.length > 0)
  disk.room = 0
  disk.rotations = () => {
    disk.room = Infinity
    return Promise.resolve('rotated')
  }
  disk.capacity = Infinity
  await until(() => events.includes('recovered log'))
  sink.write('third\n')
  await sink.close()
  assert.equal(disk.text, 'first\n/second\nthird\n.')
})

test('rotate rejects when lines cannot be written, and loses none', async () => {
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
  'a write that hangs for some seconds is reported as a failure, and close does not wait ' + 'forever',
  async () => {
    const disk = new SmallDisk()
    let release: () => void = () => undefined
    disk.hold = new Promise((resolve) => (release = resolve))
    const events: string[] = []
    const sink = sinkOn(disk, events)
    sink.write('one\n')
    sink.write('two\nthree\n')
    await until(() => {
      sink.tick()
      return events.length > 0
    })
    assert.deepEqual(events, ['failed log: no write completed for 5 seconds'])
    assert.equal(await sink.close(), 3, 'lines not known to be written count as lost')
    release()
    await until(() => events.length > 1)
    assert.deepEqual(events[1], 'recovered log')
  },
)

test('the limit can change while lines are waiting', async () => {
  const disk = new SmallDisk()
  disk.capacity = 0
  const events: string[] = []
  const sink = sinkOn(disk, events)
  sink.write('one\n')
  await until(() => events.length > 0)
  sink.configure({ limit: 6, rotation: null, mode: 0o640 })
  sink.write('two\n')
  assert.equal(sink.counts.dropped, 1)
  sink.configure({ limit: 100, rotation: null, mode: 0o640 })
  sink.write('three\n')
  disk.capacity = Infinity
  assert.equal(await sink.close(), 1)
  assert.equal(disk.text, '!!one\nthree\n.')
})
