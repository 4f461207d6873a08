// Command lines that start no worker, or one with another process.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startEarly } from '../../../src/cli/early-start.ts'

const process = { env: {}, execArgv: [], cwd: () => '/' }

for (const words of [
  ['--help'],
  ['-h'],
  ['help'],
  ['-v'],
  ['version'],
  ['--check-config', './app.js'],
  ['-c', 'server.config.ts', '--print-config', '--json'],
  ['-D'],
  ['./app.js', '--daemon'],
  ['stop'],
  ['-c', 'server.config.ts', 'status'],
  ['doctor'],
  ['init'],
])
  test(`tsgun ${words.join(' ')} starts no process early`, () => {
    assert.equal(startEarly(words, process), undefined)
  })

test('flags of Node.js and NODE_OPTIONS may depend on the config: no process is started early', () => {
  assert.equal(startEarly([], { ...process, execArgv: ['--inspect'] }), undefined)
  assert.equal(startEarly([], { ...process, env: { NODE_OPTIONS: '--require ./a.cjs' } }), undefined)
})
