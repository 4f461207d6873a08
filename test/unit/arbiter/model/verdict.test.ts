// Who ended a worker, and what an exit code or a signal means, in words.

import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { test } from 'node:test'
import type { ProcessEnd } from '../../../../src/arbiter/model/commands.ts'
import { endedBy, howEnded } from '../../../../src/arbiter/model/verdict.ts'
import { worker } from '../records.ts'

const exited = (code: number): ProcessEnd => ({ code, signal: null })
const signalled = (signal: NodeJS.Signals, ...lastLines: string[]): ProcessEnd => ({
  code: null,
  signal,
  lastLines,
})
const told = (end: ProcessEnd): string => howEnded(worker(), end)

test('who ended a worker: tsgun by an order, an abort or a kill, the worker itself, or somebody else', () => {
  assert.equal(endedBy(worker({ reason: 'reload' }), exited(0)), 'tsgun')
  assert.equal(endedBy(worker({ reason: 'timeout' }), exited(1)), 'tsgun')
  assert.equal(endedBy(worker({ reason: 'timeout', killed: true }), signalled('SIGKILL')), 'tsgun')
  assert.equal(endedBy(worker(), signalled('SIGALRM')), 'tsgun')
  assert.equal(endedBy(worker(), exited(0)), 'itself')
  assert.equal(endedBy(worker(), exited(1)), 'itself')
  assert.equal(endedBy(worker({ reason: 'stop' }), exited(1)), 'itself', 'it was told to exit with 0')
  assert.equal(
    endedBy(worker({ reason: 'stop', killed: true }), signalled('SIGSEGV')),
    'itself',
    'before the kill came',
  )
  assert.equal(endedBy(worker(), signalled('SIGABRT')), 'itself')
  assert.equal(endedBy(worker(), signalled('SIGKILL')), 'other')
  assert.equal(endedBy(worker({ reason: 'stop' }), signalled('SIGKILL')), 'other', 'while it drained')
  assert.equal(endedBy(worker(), signalled('SIGTERM')), 'other')
  assert.equal(endedBy(worker({ pid: null }), { ...exited(0), error: new Error('EAGAIN') }), null)
  assert.equal(endedBy(worker({ pid: null, reason: 'stop' }), exited(0)), null)
})

test("the exit codes that Node.js has are told in words, an app's own are not", () => {
  assert.equal(told(exited(1)), 'exited with code 1: an error that nobody caught, or process.exit(1)')
  assert.equal(told(exited(13)), 'exited with code 13: a top-level await was never fulfilled')
  assert.equal(told(exited(0)), 'exited with code 0: process.exit, called by the app or a library')
  assert.equal(told(exited(42)), 'exited with code 42')
  assert.equal(
    howEnded(worker({ readyAt: null }), exited(9)),
    'exited with code 9 before it was ready: Node.js does not know an argument; see NODE_OPTIONS',
  )
})

test('every signal that can end a worker is told with its meaning', () => {
  for (const signal of Object.keys(constants.signals) as NodeJS.Signals[])
    assert.match(told(signalled(signal)), new RegExp(`^was ended by ${signal}: .{10,}$`))
  assert.match(
    told(signalled('SIGKILL')),
    /: not by tsgun, but by a person or by the kernel for want of memory$/,
  )
  assert.match(told(signalled('SIGSEGV')), /: native code touched memory/)
})

test('a crash for want of memory says so, and what to do', () => {
  const report = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'
  assert.match(
    told(signalled('SIGABRT', 'a', report, '----- Native stack trace -----')),
    /V8 is out of memory; .*--max-old-space-size/,
  )
  assert.match(told(signalled('SIGTRAP', '# Fatal process out of memory: Zone')), /V8 is out of memory/)
  assert.match(told(signalled('SIGABRT', 'about to abort')), /: process\.abort\(\), or a fatal error/)
  assert.match(
    told(signalled('SIGKILL', report)),
    /not by tsgun/,
    'a kill is no crash, whatever was printed before',
  )
})
