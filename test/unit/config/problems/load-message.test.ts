// The message for a config file or hook script that could not be loaded.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadMessage } from '../../../../src/config/problems/load-message.ts'

const missing = (path: string, syscall = 'open'): Error =>
  Object.assign(new Error(`ENOENT: no such file or directory, ${syscall} '${path}'`), {
    code: 'ENOENT',
    stack: '',
    syscall,
    path,
  })
const file = { path: '/app/server.config.js', isCode: true }

test('a missing file is named, unless the message begins with its name', () => {
  assert.equal(loadMessage(missing('/app/server.config.js'), file), 'no such file')
  assert.equal(loadMessage(missing('/app/key.pem'), file), 'no such file: /app/key.pem')
  const spawned = Object.assign(missing('git', 'spawn git'), { message: 'spawn git ENOENT' })
  assert.equal(loadMessage(spawned, file), 'spawn git ENOENT')
})

test('an error without a message is named', () => {
  const error = Object.assign(new TypeError(''), { stack: '' })
  assert.equal(loadMessage(error, file), 'TypeError without a message')
  assert.equal(loadMessage('', file), 'it threw an empty text')
})
