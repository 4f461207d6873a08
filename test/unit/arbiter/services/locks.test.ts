// The files of instances of which only one may run: one for each, and none left open at the end.

import assert from 'node:assert/strict'
import { fstatSync } from 'node:fs'
import { test } from 'node:test'
import { InstanceLocks } from '../../../../src/arbiter/services/locks.ts'

const owner = { uid: undefined, gid: undefined }

test('each instance has a file of its own, which an inherited one takes the place of', () => {
  const given: number[] = []
  const place = { open: () => 92, give: (fd: number) => void given.push(fd) }
  const locks = new InstanceLocks([{ name: 'poller/0', fd: 91 }], place)
  assert.deepEqual([locks.of('poller', 0, owner), locks.of('poller', 1, owner)], [91, 92])
  assert.deepEqual(locks.all(), [
    { name: 'poller/0', fd: 91 },
    { name: 'poller/1', fd: 92 },
  ])
  assert.deepEqual(given, [91], 'a reload may have changed the user of the service')
})

test('the end of the server closes them', () => {
  const locks = new InstanceLocks()
  const fd = locks.of('poller', 0, owner)
  assert.equal(locks.of('poller', 0, owner), fd)
  assert.equal(fstatSync(fd).nlink, 0, 'it has no name')
  locks.close()
  assert.throws(() => fstatSync(fd), /EBADF/)
  assert.deepEqual(locks.all(), [])
})
