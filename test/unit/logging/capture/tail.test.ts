// The last lines of a stream: a limited number of whole lines, in memory that does not grow.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Tail, tailBytes, tailLines } from '../../../../src/logging/capture/tail.ts'

function tailOf(...chunks: readonly (Buffer | string)[]): string[] {
  const tail = new Tail()
  for (const chunk of chunks) tail.push(Buffer.from(chunk))
  return tail.lines()
}

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}`)

test('without output, or with empty lines only, there are no lines', () => {
  assert.deepEqual(tailOf(), [])
  assert.deepEqual(tailOf(''), [])
  assert.deepEqual(tailOf('\n', '  \n\n'), [])
})

test('lines are whole wherever the pipe splits them, the last one with or without a newline', () => {
  const text = 'größe\r\n日本 🚀\n\nend'
  const bytes = Buffer.from(text)
  for (let cut = 0; cut <= bytes.length; cut += 1)
    assert.deepEqual(tailOf(bytes.subarray(0, cut), bytes.subarray(cut)), ['größe', '日本 🚀', '', 'end'])
  assert.deepEqual(
    tailOf(`\n\n${text}\n\n`),
    ['größe', '日本 🚀', '', 'end'],
    'empty lines around them are dropped',
  )
})

test('only the last of many lines are kept', () => {
  const lines = numbered(0, 1000)
  assert.deepEqual(tailOf(`${lines.join('\n')}\n`), lines.slice(-tailLines))
  assert.deepEqual(tailOf(...lines.map((line) => `${line}\n`)), lines.slice(-tailLines))
})

test('of long lines as many as fit are kept, each with its start', () => {
  const lines = Array.from({ length: 200 }, (_, number) => `${number} ${'x'.repeat(999)}`)
  for (const size of [7, 100, 1000, tailBytes - 1, tailBytes, tailBytes + 1, 65_536, 1_000_000]) {
    const bytes = Buffer.from(`${lines.join('\n')}\n`)
    const chunks: Buffer[] = []
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
    const found = tailOf(...chunks)
    assert.deepEqual(found, lines.slice(-found.length), `in chunks of ${size}`)
    assert.ok(
      found.length >= 15 && found.join('\n').length <= tailBytes,
      `${found.length} lines in chunks of ${size}`,
    )
  }
})

test('of a line longer than the kept bytes the end is returned, from a whole character on', () => {
  const [line = '', ...more] = tailOf(`${'ä'.repeat(500_000)}b\n`)
  assert.deepEqual(more, [])
  assert.match(line, /^…ä+b$/)
  assert.ok(line.length > tailBytes / 2 - 10 && Buffer.byteLength(line) <= tailBytes + 3)
  assert.deepEqual(tailOf('x'.repeat(1_000_000), '\nwhy\n'), ['why'], 'a later line replaces it')
})

test('a worker that prints without end needs no more memory, and hardly any time', () => {
  const tail = new Tail()
  const chunk = Buffer.from(`${'y'.repeat(99)}\n`.repeat(655))
  const before = process.memoryUsage().arrayBuffers
  const start = performance.now()
  for (let count = 0; count < 3000; count += 1) tail.push(chunk) // 200 MB
  const took = performance.now() - start
  assert.ok(process.memoryUsage().arrayBuffers - before < 10 * tailBytes)
  assert.ok(took < 30_000, `${took} ms`)
  assert.equal(tail.lines().length, tailLines)
})
