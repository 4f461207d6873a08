// The first chunk that is written to a socket.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onFirstWrite, textOf } from '../../../../src/serving/connections/first-write.ts'
import { FakeSocket } from '../fakes.ts'

test('only the first chunk is seen, whether it is written or ends the socket, and all are passed on', () => {
  for (const first of ['write', 'end'] as const) {
    const fake = new FakeSocket()
    const seen: unknown[] = []
    onFirstWrite(fake.socket, (chunk) => seen.push(chunk))
    assert.equal(fake[first]('one'), first === 'write' ? true : fake)
    assert.equal(fake.write('two'), true)
    fake.end('three')
    assert.deepEqual(seen, ['one'])
    assert.deepEqual(
      fake.log.filter((entry) => entry !== 'end'),
      ['one', 'two', 'three'],
    )
  }
})

test('the text of a chunk is that of a string or of bytes', () => {
  assert.deepEqual(
    [textOf('a'), textOf(new Uint8Array([97, 233])), textOf(undefined), textOf(7)],
    ['a', 'aé', '', ''],
  )
})
