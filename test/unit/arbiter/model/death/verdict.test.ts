// Who ended a worker, and what an exit code or a signal means, in words.

import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { test } from 'node:test'
import type { StuckReport } from '../../../../../src/config/hooks/views.ts'
import type { ProcessEnd } from '../../../../../src/arbiter/model/death/process-end.ts'
import {
  endedBy,
  exitReason,
  howEnded,
  judge,
  trialTime,
  whyNotReady,
} from '../../../../../src/arbiter/model/death/verdict.ts'
import type { WorkerRecord } from '../../../../../src/arbiter/model/worker-record.ts'
import { worker } from '../../records.ts'

const exited = (code: number): ProcessEnd => ({ code, signal: null })
const signalled = (signal: NodeJS.Signals, ...lastLines: string[]): ProcessEnd => ({
  code: null,
  signal,
  lastLines,
})
const kill: ProcessEnd = { code: null, signal: 'SIGKILL' }
const report: StuckReport = {
  where: 'waiting',
  silent: 1,
  step: null,
  stack: [],
  requests: [],
  more: 0,
  heapUsed: null,
  heapLimit: null,
  rss: 1,
}
const words = (end: ProcessEnd): string => howEnded(worker(), end)

test('who ended a worker: tsgun by an order, an abort or a kill, the worker itself, or somebody else', () => {
  assert.equal(endedBy(worker({ reason: 'reload' }), exited(0)), 'tsgun')
  assert.equal(endedBy(worker({ reason: 'timeout' }), exited(1)), 'tsgun')
  assert.equal(endedBy(worker({ reason: 'timeout', killed: true }), signalled('SIGKILL')), 'tsgun')
  assert.equal(endedBy(worker(), signalled('SIGALRM')), 'tsgun')
  assert.equal(endedBy(worker(), exited(0)), 'itself')
  assert.equal(endedBy(worker(), exited(1)), 'itself')
  assert.equal(endedBy(worker({ reason: 'stop' }), exited(1)), 'itself', 'the order was to exit with 0')
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

test("the exit codes of Node.js are put in words, an app's own are not", () => {
  assert.equal(words(exited(1)), 'exited with code 1: an uncaught error, or process.exit(1)')
  assert.equal(
    words(exited(13)),
    'exited with code 13: a top-level await that never resolved, or process.exit(13)',
  )
  assert.equal(words(exited(0)), 'exited with code 0: process.exit, called by the app or a library')
  assert.equal(words(exited(42)), 'exited with code 42')
  assert.equal(
    howEnded(worker({ readyAt: null }), exited(9)),
    'exited with code 9 before it was ready: an argument that Node.js does not know (see NODE_OPTIONS), or ' +
      'process.exit(9)',
  )
})

test('no meaning of an exit code is certain, because a program may call process.exit with any', () => {
  for (let code = 1; code < 256; code += 1) {
    const text = words(exited(code))
    if (text !== `exited with code ${code}`) assert.ok(text.endsWith(`, or process.exit(${code})`), text)
  }
})

test('an exit with 69 is a closed channel only if the worker or the channel has said so', () => {
  assert.equal(exitReason(worker(), exited(69)), 'exit')
  assert.equal(words(exited(69)), 'exited with code 69')
  assert.equal(
    whyNotReady(worker({ readyAt: null }), exited(69)),
    'a worker did not become ready: it exited with code 69',
  )
  const disconnected = worker({ reason: 'disconnected' })
  assert.equal(exitReason(disconnected, exited(69)), 'disconnected')
  assert.match(howEnded(disconnected, exited(69)), /its app has closed the channel/)
  assert.match(whyNotReady(disconnected, exited(69)), /its app has closed the channel/)
})

test('every signal that can end a worker has its meaning in words', () => {
  for (const signal of Object.keys(constants.signals) as NodeJS.Signals[])
    assert.match(words(signalled(signal)), new RegExp(`^was ended by ${signal}: .{10,}$`))
  assert.match(
    words(signalled('SIGKILL')),
    /: not by tsgun: by a person, or by the kernel because memory ran out$/,
  )
  assert.match(words(signalled('SIGSEGV')), /: native code accessed invalid memory/)
})

test('a crash before it was ready names a limit under which Node.js may not start, and its remedy', () => {
  const lowLimit = 'its user may have only 20 processes and threads; raise ulimit -u (LimitNPROC=)'
  const end: ProcessEnd = { ...signalled('SIGABRT'), lowLimit }
  const booting = worker({ readyAt: null })
  assert.ok(howEnded(booting, end).endsWith(`or a fatal error of V8 or of native code; ${lowLimit}`))
  const why = `a worker did not become ready: it was ended by SIGABRT; ${lowLimit}`
  assert.equal(whyNotReady(booting, end), why)
  assert.doesNotMatch(howEnded(worker({ readyAt: 1 }), end), /ulimit/)
})

test('a crash because V8 could not reserve addresses names the limit, also when it was ready', () => {
  const lowLimit = 'its address space is limited to 1953 MiB; raise ulimit -v (LimitAS=)'
  const line = '# Fatal process out of memory: Failed to reserve virtual memory for CodeRange'
  const end: ProcessEnd = { ...signalled('SIGTRAP', '#', line, '#'), lowLimit }
  const reserve = 'V8 could not reserve addresses for its memory'
  assert.ok(howEnded(worker({ readyAt: 1 }), end).endsWith(`: ${reserve}; ${lowLimit}`))
  assert.match(words(signalled('SIGTRAP', line)), new RegExp(`${reserve}$`))
})

test('a crash for want of memory says so, and what to do', () => {
  const report = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'
  assert.match(
    words(signalled('SIGABRT', 'a', report, '----- Native stack trace -----')),
    /V8 is out of memory; .*--max-old-space-size/,
  )
  assert.match(words(signalled('SIGTRAP', '# Fatal process out of memory: Zone')), /V8 is out of memory/)
  assert.match(words(signalled('SIGABRT', 'about to abort')), /: process\.abort\(\), or a fatal error/)
  assert.match(
    words(signalled('SIGKILL', report)),
    /not by tsgun/,
    'a kill is no crash, whatever was printed before',
  )
})

test('the reason is that of the record, else oom, signal or exit', () => {
  const killed = { code: null, signal: 'SIGKILL' } as const
  assert.equal(exitReason(worker({ reason: 'timeout' }), { ...killed, oom: true }), 'timeout')
  assert.equal(exitReason(worker(), { ...killed, oom: true }), 'oom')
  assert.match(
    howEnded(worker(), { ...killed, oom: true }),
    /by the kernel because memory ran out: the cgroup has counted an OOM kill/,
  )
  assert.equal(
    exitReason(worker(), { code: null, signal: 'SIGABRT', lastLines: ['JavaScript heap out of memory'] }),
    'oom',
  )
  assert.equal(exitReason(worker(), killed), 'signal')
  assert.equal(exitReason(worker(), exited(1)), 'exit')
})

test('the reason of a failed start or reload is how its worker ended', () => {
  assert.equal(
    whyNotReady({ ...worker(), reason: 'boot_timeout' }, kill),
    'a worker was not ready within boot_timeout',
  )
  assert.equal(whyNotReady(worker(), kill), 'a worker did not become ready: it was ended by SIGKILL')
  assert.equal(
    whyNotReady(worker(), { code: 0, signal: null }),
    'a worker did not become ready: it exited with code 0',
  )
  assert.equal(
    whyNotReady(worker(), { code: null, signal: null, error: new Error('spawn E2BIG') }),
    'a worker did not become ready: it could not be started: spawn E2BIG',
  )
  assert.equal(
    whyNotReady(
      { ...worker(), reason: 'boot_timeout', report: { ...report, step: 'it is still loading ./app.ts' } },
      kill,
    ),
    'a worker was not ready within boot_timeout: it is still loading ./app.ts',
  )
  assert.equal(
    whyNotReady(worker(), {
      code: 1,
      signal: null,
      lastLines: ['app.ts:3', 'Error: no database', '    at app.ts:3'],
    }),
    'a worker did not become ready: it exited with code 1 (Error: no database)',
  )
})

/** Which promise of a new worker an end at this moment breaks. */
function broken(record: WorkerRecord, end: ProcessEnd, now: number): string | undefined {
  return judge(record, end, now).broken?.promise
}

test('a worker that crashes soon after it was ready fails its trial, one that lasted longer does not', () => {
  const one = worker({ generation: 2, readyAt: 5000 })
  assert.equal(broken(one, exited(1), 5000 + trialTime), 'trial')
  assert.equal(broken(one, signalled('SIGSEGV'), 5200), 'trial')
  assert.equal(broken(one, exited(0), 5200), 'trial', 'an app that calls process.exit')
  assert.equal(broken(one, { ...kill, oom: true }, 5200), 'trial', 'the kernel, because memory ran out')
  assert.equal(broken(one, exited(1), 5001 + trialTime), undefined)
  assert.equal(
    judge(one, exited(1), 5200).broken?.reason,
    'a worker died within 1 s after it was ready: it exited with code 1: an uncaught error, or ' +
      'process.exit(1)',
  )
})

test('a release is not blamed for a worker that was ordered to end, or killed by a person', () => {
  const one = worker({ generation: 2, readyAt: 5000 })
  assert.equal(broken({ ...one, reason: 'scale' }, exited(0), 5200), undefined)
  assert.equal(broken(one, kill, 5200), undefined)
  assert.equal(broken(one, signalled('SIGTERM'), 5200), undefined)
})

test('a worker that ends before it is ready has failed to boot, unless a signal of the master reached it', () => {
  const one = worker({ readyAt: null })
  assert.deepEqual(judge(one, exited(1), 5200).broken, {
    promise: 'boot',
    reason: 'a worker did not become ready: it exited with code 1',
  })
  assert.equal(broken(one, signalled('SIGKILL'), 5200), 'boot')
  assert.equal(broken(one, signalled('SIGINT'), 5200), undefined)
  assert.equal(broken({ ...one, reason: 'reload' }, exited(1), 5200), undefined)
  assert.equal(broken({ ...one, reason: 'boot_timeout' }, kill, 5200), 'boot')
})

test('a verdict says whether the end was planned and orderly, and keeps the last output', () => {
  const orderly = judge(worker({ reason: 'reload' }), exited(0), 1)
  assert.deepEqual([orderly.isPlanned, orderly.isOrderly, orderly.neverStarted], [true, true, false])
  assert.equal(orderly.lastLines, undefined)
  const failed = judge(worker({ reason: 'reload' }), { ...exited(3), lastLines: ['a'] }, 1)
  assert.deepEqual([failed.isPlanned, failed.isOrderly, failed.lastLines], [true, false, ['a']])
  const never = judge(worker({ pid: null }), { ...exited(0), error: new Error('EAGAIN') }, 1)
  assert.deepEqual([never.neverStarted, never.endedBy, never.isPlanned], [true, null, false])
  const stuck = judge(worker({ reason: 'timeout' }), exited(1), 1)
  assert.deepEqual(
    [stuck.isPlanned, stuck.endedBy, stuck.how],
    [false, 'tsgun', 'exited with code 1: tsgun aborted it'],
  )
})

test('an uncaught error that the worker has reported is the certain cause', () => {
  const fault = { message: 'boom', stack: 'TypeError: boom\n    at app.ts:4' }
  const { how, lastError } = judge(worker({ fault }), { ...exited(1), lastLines: ['Error: other'] }, 5000)
  assert.deepEqual(
    [how, lastError],
    ['exited with code 1: an uncaught error: TypeError: boom', 'TypeError: boom'],
  )
  assert.match(
    howEnded(worker({ fault }), signalled('SIGSEGV')),
    /invalid memory/,
    'unless a signal was faster',
  )
  assert.equal(
    whyNotReady({ ...worker({ fault }) }, exited(1)),
    'a worker did not become ready: it exited with code 1 (TypeError: boom)',
  )
})

test('an exit before the end of the drain is not orderly, whatever its code', () => {
  const early = worker({ reason: 'stop', left: { busy: 2 } })
  const { isOrderly, endedBy: by, how } = judge(early, exited(0), 5000)
  assert.deepEqual(
    [isOrderly, by, how],
    [
      false,
      'itself',
      'exited with code 0 before its drain was over, with 2 requests in flight: process.exit, called by the app ' +
        'or a library',
    ],
  )
  assert.match(howEnded({ ...early, left: { busy: 1 } }, exited(0)), /, with 1 request in flight: /)
  assert.match(howEnded({ ...early, left: { busy: 0 } }, exited(3)), /before its drain was over$/)
})

test('the end of a foreign program is in its own last words, and its codes mean nothing to tsgun', () => {
  const feed = worker({ service: 'feed', readyAt: null })
  const end: ProcessEnd = {
    code: 12,
    signal: null,
    foreign: true,
    lastLines: ['loading', 'no feed today', ''],
  }
  assert.equal(howEnded(feed, end), 'exited with code 12 before it was ready: no feed today')
  assert.equal(howEnded(feed, { ...end, lastLines: [] }), 'exited with code 12 before it was ready')
  assert.equal(
    whyNotReady(feed, end),
    'a process of the service feed did not become ready: it exited with code 12 (no feed today)',
  )
  assert.equal(judge(worker({ service: 'feed' }), end, 5000).lastError, 'no feed today')
})

test('a start() that fails before it has run for a while counts against the release, however late', () => {
  const early = judge(worker({ service: 'poller', running: false }), exited(42), 60_000)
  assert.deepEqual(early.broken, {
    promise: 'trial',
    reason: `a process of the service poller died within ${trialTime / 1000} s after its start() was called: it exited with code 42`,
  })
  assert.equal(judge(worker({ service: 'poller', running: true }), exited(1), 10).broken, null)
  assert.equal(judge(worker({ service: 'poller', running: false }), kill, 10).broken, null)
})
