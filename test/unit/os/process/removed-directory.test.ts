// A process leaves a working directory that was removed, and no other.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leaveRemovedDirectory } from '../../../../src/os/process/removed-directory.ts'

function left(cwd: () => string): readonly string[] {
  const changes: string[] = []
  leaveRemovedDirectory(cwd, (directory) => void changes.push(directory))
  return changes
}

test('only a directory that was removed is left', () => {
  assert.deepEqual(
    left(() => '/srv/releases/1 (deleted)'),
    ['/'],
  )
  assert.deepEqual(
    left(() => '/srv/releases/1'),
    [],
  )
  const unreadable = (): never => {
    throw new Error('no /proc here')
  }
  assert.deepEqual(left(unreadable), [])
})

test('the directory of this process exists', () => {
  const before = process.cwd()
  leaveRemovedDirectory()
  assert.equal(process.cwd(), before)
})
