// The lines of a stuck worker's stack: the user's code, and of Node.js no more than what it has called.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stackLines, type RawFrame } from '../../../../src/worker/watchdog/stack.ts'

function frame(name: string, url: string, line = 0, column = 0): RawFrame {
  return { name, url, line, column, map: undefined }
}

test('frames are shown as V8 shows them, counted from 1, with paths in place of URLs', () => {
  const lines = stackLines([
    frame('loop', 'file:///srv/my%20app.ts', 4, 16),
    frame('', 'file:///srv/app.js', 0, 0),
    frame('f', ''),
  ])
  assert.deepEqual(lines, ['at loop (/srv/my app.ts:5:17)', 'at /srv/app.js:1:1', 'at f (<anonymous>:1:1)'])
})

test("Node's own frames are left out, but for the function that the user's code has called", () => {
  const lines = stackLines([
    frame('wait', 'node:internal/sync'),
    frame('execSync', 'node:child_process'),
    frame('handler', 'file:///srv/app.js'),
    frame('emit', 'node:events'),
    frame('parserOnIncoming', 'node:_http_server'),
  ])
  assert.deepEqual(lines, ['at execSync (node:child_process:1:1)', 'at handler (/srv/app.js:1:1)'])
})

test('without any code of the user the frames of Node are better than none, and a deep stack is cut', () => {
  assert.deepEqual(stackLines([frame('a', 'node:a'), frame('b', 'node:b')]), [
    'at a (node:a:1:1)',
    'at b (node:b:1:1)',
  ])
  const deep = stackLines(
    Array.from({ length: 500 }, (_, depth) => frame('x'.repeat(1000), 'file:///srv/app.js', depth)),
  )
  assert.equal(deep.length, 30)
  assert.ok(deep.every((each) => each.length <= 500))
})
