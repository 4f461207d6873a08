// The worker's end of its log pipe, with a real pipe: it never blocks, its memory is bounded, and dropped
// lines are counted.

import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Dropped } from '../../../../src/logging/log-names.ts'
import { FrameReader } from '../../../../src/logging/pipe/frame.ts'
import { FrameWriter } from '../../../../src/logging/pipe/frame-writer.ts'
import { LogPipe } from '../../../../src/logging/pipe/log-pipe.ts'

/** Bytes that may be buffered. */
const queueBound = 8_388_608

interface Pipe {
  readonly path: string
  readonly pipe: LogPipe
  readonly dropped: Dropped[]
  /** Reads what is in the pipe now and returns all lines so far. */
  readonly lines: () => string[]
  readonly stopReading: () => void
}

/** A named pipe, because one process can open both of its ends. */
function openPipe(t: TestContext): Pipe {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-pipe-'))
  const path = join(directory, 'pipe')
  execFileSync('mkfifo', [path])
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writeEnd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  const dropped: Dropped[] = []
  const pipe = new LogPipe(
    new FrameWriter(writeEnd, queueBound, (log, lines) => dropped.push({ log, lines })),
  )
  const lines: string[] = []
  const reader = new FrameReader({
    onRecords: (_log, text) => lines.push(...text.toString().split('\n').slice(0, -1)),
    onGarbage: (bytes) => assert.fail(`${bytes} bytes are no frame`),
  })
  let open = true
  const stopReading = (): void => {
    if (open) closeSync(readEnd)
    open = false
  }
  t.after(() => {
    stopReading()
    rmSync(directory, { recursive: true })
  })
  return { path, pipe, dropped, stopReading, lines: () => readAll(readEnd, reader, lines) }
}

function readAll(fd: number, reader: FrameReader, lines: string[]): string[] {
  for (;;) {
    const buffer = Buffer.alloc(65_536)
    try {
      const size = readSync(fd, buffer)
      if (size === 0) return lines
      reader.push(buffer.subarray(0, size))
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN')
      return lines
    }
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!condition()) {
    assert.ok(performance.now() < deadline, `timed out waiting for ${condition.toString()}`)
    await delay(5)
  }
}

test('the first line after a pause is in the pipe at once, and survives the end of the worker', (t) => {
  const { pipe, lines } = openPipe(t)
  pipe.write('access', 'a\n')
  assert.deepEqual(lines(), ['a'])
})

test('the lines after it are written together soon after, in order', async (t) => {
  const { pipe, lines } = openPipe(t)
  const now = performance.now() // the same for all three, however slow the machine is
  for (const line of ['a', 'b', 'c']) pipe.write('access', `${line}\n`, now)
  assert.deepEqual(lines(), ['a'])
  await until(() => lines().length === 3)
  assert.deepEqual(lines(), ['a', 'b', 'c'])
})

/** Blocks the event loop, so that no timer runs. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end) continue
}

test('each record of the error log and of the app log is in the pipe at once', (t) => {
  const { pipe, lines } = openPipe(t)
  for (let number = 0; number < 100; number += 1) {
    pipe.write(number % 3 === 0 ? 'error' : 'app', `${number}\n`)
    assert.equal(lines().length, number + 1)
  }
})

test('access lines older than the interval are written with the next one even if no timer can run', (t) => {
  const { pipe, lines } = openPipe(t)
  const now = performance.now() // the same for all three, however slow the machine is
  for (const line of ['a', 'b', 'c']) pipe.write('access', `${line}\n`, now)
  assert.deepEqual(lines(), ['a'])
  block(11)
  const later = performance.now()
  pipe.write('access', 'd\n', later)
  pipe.write('access', 'e\n', later)
  assert.deepEqual(lines(), ['a', 'b', 'c', 'd'])
  block(11)
  pipe.write('access', 'f\n')
  assert.deepEqual(lines(), ['a', 'b', 'c', 'd', 'e', 'f'])
})

test('a full pipe is tried again with the next record even if no timer can run, in order', (t) => {
  const { pipe, lines } = openPipe(t)
  const text = (number: number): string => `${number} ${'x'.repeat(1000)}`
  for (let number = 0; number < 100; number += 1) pipe.write('error', `${text(number)}\n`)
  assert.ok(lines().length < 100, 'a pipe holds 64 KiB')
  block(5)
  pipe.write('error', 'next\n')
  assert.deepEqual(lines(), [...Array.from({ length: 100 }, (_, number) => text(number)), 'next'])
})

test('a flush tries a full pipe at once', (t) => {
  const { pipe, lines } = openPipe(t)
  for (let number = 0; number < 100; number += 1) pipe.write('access', `${'x'.repeat(1000)}\n`)
  pipe.write('error', 'why\n')
  assert.ok(lines().length < 100)
  pipe.flush()
  assert.deepEqual(lines().slice(100), ['why'])
})

test('a flush writes all logs', (t) => {
  const { pipe, lines } = openPipe(t)
  pipe.write('access', 'a\n')
  pipe.write('error', 'b\n')
  pipe.write('app', 'c\n')
  pipe.flush()
  assert.deepEqual(lines(), ['a', 'b', 'c'])
})

test('if the arbiter does not read, the worker is not blocked, and each line arrives once or is counted', async (t) => {
  const { pipe, dropped, lines } = openPipe(t)
  const count = 100_000
  const text = 'x'.repeat(195)
  const before = process.memoryUsage().arrayBuffers
  for (let number = 0; number < count; number += 1) pipe.write('access', `${number} ${text}\n`)
  assert.ok(process.memoryUsage().arrayBuffers - before < queueBound * 2, 'the memory is bounded')
  assert.equal(dropped.length, 0, 'reported when the pipe has room again')
  await until(() => lines().length > 0 && dropped.length > 0)
  await until(() => lines().length + (dropped[0]?.lines ?? 0) === count)
  const numbers = lines().map((line) => Number(line.split(' ')[0]))
  assert.deepEqual(
    numbers,
    [...numbers].sort((a, b) => a - b),
    'in order, none twice',
  )
  assert.ok(numbers.length * 200 >= queueBound * 0.9, 'lines within the limit are kept')
  pipe.write('access', 'after\n')
  await until(() => lines().at(-1) === 'after')
  assert.equal(dropped.length, 1, 'reported once')
})

test('a line longer than a frame is dropped and reported, and the others arrive', async (t) => {
  const { pipe, dropped, lines } = openPipe(t)
  pipe.write('app', `${'x'.repeat(5_000_000)}\n`)
  pipe.write('app', 'short\n')
  await until(() => lines().includes('short') && dropped.length > 0)
  assert.deepEqual(dropped, [{ log: 'app', lines: 1 }])
})

test('a long line arrives whole, between the lines around it', async (t) => {
  const { pipe, lines } = openPipe(t)
  const long = 'ä'.repeat(500_000)
  for (const line of ['before', long, 'after']) pipe.write('error', `${line}\n`)
  await until(() => lines().length === 3)
  assert.ok(lines()[1] === long && lines()[2] === 'after')
})

test('the end of a process waits until the arbiter has read all lines', async (t) => {
  const { path, pipe, stopReading } = openPipe(t)
  // a reader must exist all the time
  const keep = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  for (let number = 0; number < 20_000; number += 1) pipe.write('access', `${number} ${'x'.repeat(100)}\n`)
  stopReading()
  const late = spawn('sh', ['-c', `sleep 0.2; exec timeout 100 cat ${path} > ${path}.out`])
  pipe.flushAndWait()
  pipe.write('access', 'end\n')
  pipe.flushAndWait()
  const read = (): string => (existsSync(`${path}.out`) ? readFileSync(`${path}.out`, 'latin1') : '')
  await until(() => read().includes('end\n'))
  late.kill()
  closeSync(keep)
  await once(late, 'exit')
  for (const number of [0, 9_999, 19_999])
    assert.ok(read().includes(`\n${number} x`) || read().includes(`${number} x`), `${number}`)
})

test('the end of a process waits only a limited time for an arbiter that does not read', (t) => {
  const { pipe } = openPipe(t)
  for (let number = 0; number < 20_000; number += 1) pipe.write('access', `${'x'.repeat(100)}\n`)
  const before = performance.now()
  pipe.flushAndWait()
  const took = performance.now() - before
  assert.ok(took >= 900 && took < 60_000, `${took} ms`)
})

test('writing after the arbiter has exited has no effect', async (t) => {
  const { pipe, stopReading } = openPipe(t)
  stopReading()
  for (let number = 0; number < 20_000; number += 1) pipe.write('error', `${'x'.repeat(100)}\n`)
  await delay(60) // longer than a write would take
  pipe.flushAndWait()
})
