// What a running process can still get, of the variables that it was not started with.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { areLate, inheritedNow } from '../../../../src/os/process/inherited.ts'

test('variables of the app may change in a running process', () => {
  const before = { PATH: '/bin', KEPT: '1', GONE: '1' }
  assert.ok(areLate(before, { PATH: '/bin', KEPT: '1' }))
  assert.ok(areLate(before, { ...before, NODE_ENV: 'production', PORT: '80', HOME: '/srv' }))
  assert.ok(areLate({ ...before, TZ: 'UTC' }, { ...before, TZ: 'UTC', A: '1' }))
})

for (const name of [
  'NODE_OPTIONS',
  'NODE_EXTRA_CA_CERTS',
  'NODE_PATH',
  'NODE_DEBUG',
  'UV_THREADPOOL_SIZE',
  'LD_PRELOAD',
  'MALLOC_ARENA_MAX',
  'OPENSSL_CONF',
  'SSL_CERT_FILE',
  'LANG',
  'LC_ALL',
  'TZ',
])
  test(`${name} is read when a process starts`, () => {
    assert.ok(!areLate({}, { [name]: 'a' }))
    assert.ok(!areLate({ [name]: 'a' }, {}))
    assert.ok(!areLate({ [name]: 'a' }, { [name]: 'b' }))
  })

test('what a process inherits is compared with what it inherits later', () => {
  const before = process.umask(0o022)
  try {
    const first = inheritedNow()
    assert.deepEqual(inheritedNow(), first)
    process.umask(0o027)
    assert.notDeepEqual(inheritedNow(), first)
    assert.equal(process.umask(0o027), 0o027, 'looking at it does not change it')
  } finally {
    process.umask(before)
  }
})
