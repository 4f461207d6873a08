import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkMemory, checkProcessors } from '../../../../src/doctor/checks/capacity.ts'

const M = 2 ** 20

const processors: readonly (readonly [workers: number, count: number, level: string])[] = [
  [2, 2, 'ok'],
  [1, 4, 'ok'],
  [3, 2, 'warning'],
  [5, 2, 'warning'],
  [6, 2, 'wrong'],
  [4, 1, 'wrong'],
]

for (const [workers, count, level] of processors) {
  test(`${workers} workers on ${count} processors: ${level}`, () =>
    assert.equal(checkProcessors({ workers, count }).level, level))
}

interface MemoryCase {
  readonly name: string
  readonly workers?: number
  readonly total: number
  readonly isLimited?: boolean
  readonly maxMemory?: number
  readonly level: string
  readonly remedy?: RegExp
}

const memories: readonly MemoryCase[] = [
  { name: 'a big machine', total: 8192 * M, level: 'ok' },
  {
    name: 'a container that is too small',
    total: 128 * M,
    isLimited: true,
    level: 'wrong',
    remedy: /workers: 1/,
  },
  {
    name: 'a container without max_memory',
    total: 1024 * M,
    isLimited: true,
    level: 'warning',
    remedy: /'321M'/,
  },
  { name: 'max_memory that fits', total: 1024 * M, isLimited: true, maxMemory: 300 * M, level: 'ok' },
  {
    name: 'max_memory that does not fit',
    total: 1024 * M,
    maxMemory: 512 * M,
    level: 'wrong',
    remedy: /'321M', or workers: 1/,
  },
]

for (const { name, workers = 2, total, isLimited = false, maxMemory, level, remedy = /^/ } of memories) {
  test(`memory: ${name}: ${level}`, () => {
    const found = checkMemory({ workers, total, isLimited, maxMemory, heapLimit: 2048 * M })
    assert.equal(found.level, level, found.message)
    assert.match(found.remedy ?? '', remedy)
  })
}
