import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measureMemory, oldSpaceLimit } from '../../../../src/worker/process/memory.ts'

const mib = 2 ** 20

test('the limit of the heap is that of the old generation, as the options say or as the version has it', () => {
  assert.equal(oldSpaceLimit('--max-old-space-size=60', 108 * mib, '20.1.0'), 60 * mib)
  assert.equal(oldSpaceLimit('--no-warnings --max_old_space_size 60', 252 * mib, '24.1.0'), 60 * mib)
  assert.equal(
    oldSpaceLimit('--max-old-space-size=60 --max-old-space-size=100', 148 * mib, '20.1.0'),
    100 * mib,
    'the last',
  )
  assert.equal(oldSpaceLimit('', 4144 * mib, '20.1.0'), 4096 * mib)
  assert.equal(oldSpaceLimit('', 4144 * mib, '22.1.0'), 4096 * mib)
  assert.equal(oldSpaceLimit('', 4288 * mib, '24.1.0'), 4096 * mib)
  assert.equal(oldSpaceLimit('', 4192 * mib, '26.1.0'), 4096 * mib)
  assert.equal(oldSpaceLimit('--max-semi-space-size=4', 4108 * mib, '24.1.0'), 4096 * mib)
  assert.equal(
    oldSpaceLimit('--max-heap-size=120', 120 * mib, '24.1.0'),
    80 * mib,
    'something is left of a small heap',
  )
})

test('a process knows its own memory', () => {
  const { rss, heapUsed, heapLimit } = measureMemory(oldSpaceLimit())
  assert.ok(rss > heapUsed && heapUsed > mib, `${rss} ${heapUsed}`)
  assert.ok(heapLimit > heapUsed, String(heapLimit))
})
