// Why a worker failed, in one line.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lastErrorOf } from '../../../../../src/arbiter/model/death/last-error.ts'

test(
  'the last error is the one that the worker reported, else the one it printed, else its last line, ' +
    'else how it ended',
  () => {
    const stack = ['loading', 'TypeError: no key', '    at app.ts:3', '', 'Node.js v20.20.2']
    const how = 'exited with code 42'
    assert.equal(lastErrorOf('no database\nat all', stack, how), 'no database')
    assert.equal(lastErrorOf(null, stack, how), 'TypeError: no key')
    assert.equal(lastErrorOf(null, ['one', 'two', ' '], how), 'two')
    assert.equal(lastErrorOf(null, undefined, how), how)
    assert.equal(lastErrorOf(null, ['x'.repeat(999)], how).length, 201)
    assert.equal(lastErrorOf(null, ['x'.repeat(200)], how).length, 200)
  },
)
