import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lookUpIdentity } from '../../../../src/os/process/identity.ts'

const look = (
  user: string | number | null,
  group: string | number | null = null,
  initgroups = false,
): unknown => lookUpIdentity({ user, group, initgroups })

test('a user is looked up with its primary group and its account; ids are used as they are', () => {
  const account = { name: 'root', home: '/root' }
  const root = { uid: 0, gid: 0, initgroups: undefined, account }
  assert.deepEqual(look('root'), root)
  assert.deepEqual(look(0), root)
  assert.deepEqual(look('root', null, true), { ...root, initgroups: 'root' })
  assert.deepEqual(look(0, null, true), { ...root, initgroups: 'root' })
  assert.deepEqual(look(54_321, 54_322), {
    uid: 54_321,
    gid: 54_322,
    initgroups: undefined,
    account: { name: undefined, home: '/' },
  })
  assert.deepEqual(look(null, 'root'), { uid: undefined, gid: 0, initgroups: undefined, account: undefined })
})

test('the error names a missing user or group, and a name is never an option of id(1)', () => {
  assert.throws(() => look('no-such-user'), /^IdentityError: user no-such-user does not exist$/)
  assert.throws(() => look('-u'), /^IdentityError: user -u does not exist$/)
  assert.throws(() => look(null, 'no-such-group'), /^IdentityError: group no-such-group does not exist$/)
  assert.throws(() => look(54_321), /user 54321 has no primary group; set `group` too/)
  assert.throws(() => look(54_321, 54_321, true), /user 54321 has no name/)
})
