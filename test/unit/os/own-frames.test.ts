import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { ownCode } from '../../../src/os/own-code.ts'
import { userFrames, withoutOwnFrames } from '../../../src/os/own-frames.ts'

const user = [
  'Error: no',
  '    at deep (/app/a.ts:5:20)',
  '    at JSON.parse (<anonymous>)',
  '    at run (/app/a.ts:1:2)',
]
const below = [
  '    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
  `    at async #runOne (${pathToFileURL(ownCode).href}x.js:1:2)`,
  `    at ${ownCode}y.js:1:2`,
  '    at Server.emit (node:events:524:28)',
  '    at node:internal/main/run_main_module:36:49',
]

test('a stack ends with the code of the user', () => {
  assert.equal(withoutOwnFrames([...user, ...below].join('\n')), user.join('\n'))
  assert.equal(userFrames([...user, ...below].join('\n')), `\n${user.slice(1).join('\n')}`)
})

test('what the code of the user has called stays, except tsgun itself', () => {
  const lines = [
    'TypeError: bad',
    '    at new Buffer (node:buffer:1:2)',
    `    at send (${ownCode}z.js:1:2)`,
    ...user.slice(1),
  ]
  assert.equal(withoutOwnFrames(lines.join('\n')), lines.toSpliced(2, 1).join('\n'))
})

test('a message of several lines stays, and a stack may have no frame', () => {
  const message = 'Error: one\n  at two o’clock (node:x)\nthree'
  assert.equal(withoutOwnFrames([message, ...below].join('\n')), message)
  assert.equal(userFrames(below.join('\n')), '')
  assert.equal(withoutOwnFrames(''), '')
})
