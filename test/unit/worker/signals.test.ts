// What the signals of the kernel do in a worker: nothing, but for listeners that have another purpose than
// its end.

import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { mock, test } from 'node:test'
import { delayReports, gateSignals, ignoredSignals } from '../../../src/worker/signals.ts'

function gated() {
  const process = new EventEmitter()
  const receivers = new Map<string, () => void>()
  const ignored: string[] = []
  const gate = { on: (signal: string, receive: () => void) => void receivers.set(signal, receive) }
  gateSignals(process as unknown as NodeJS.Process, gate, (signal) => ignored.push(signal))
  return { process, ignored, receivers, kernel: (signal: string) => receivers.get(signal)?.() }
}

test('a worker takes every signal that would end it, and none that comes by itself', () => {
  const { receivers, ignored, kernel } = gated()
  assert.deepEqual([...receivers.keys()], [...ignoredSignals])
  for (const signal of ignoredSignals) kernel(signal)
  assert.deepEqual(ignored, ignoredSignals)
  assert.ok(!receivers.has('SIGCHLD') && !receivers.has('SIGWINCH'))
})

test('listeners of USR1 and USR2 run, but not those that also listen to TERM or INT', () => {
  const { process, ignored, kernel } = gated()
  const got: string[] = []
  const cleanUp = (signal: string): unknown => got.push(`clean up ${signal}`)
  for (const signal of ['SIGTERM', 'SIGUSR2', 'SIGHUP']) process.on(signal, cleanUp)
  for (const signal of ['SIGTERM', 'SIGUSR2', 'SIGHUP']) kernel(signal)
  assert.deepEqual([got, ignored], [[], ['SIGTERM', 'SIGUSR2', 'SIGHUP']])
  process.once('SIGUSR2', (signal: string) => got.push(`snapshot ${signal}`))
  kernel('SIGUSR2')
  assert.deepEqual([got, ignored.length], [['snapshot SIGUSR2'], 3])
  kernel('SIGUSR2')
  assert.equal(ignored.length, 4, 'it was added with once')
})

test('a signal is reported later, once for several', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  const reported: string[] = []
  const report = delayReports((signal) => reported.push(signal))
  report('SIGTERM')
  report('SIGTERM')
  report('SIGINT')
  assert.deepEqual(reported, [])
  mock.timers.tick(500)
  assert.deepEqual(reported, ['SIGTERM', 'SIGINT'])
  report('SIGTERM')
  mock.timers.tick(500)
  assert.equal(reported.length, 3)
})
