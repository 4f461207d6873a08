// The event bus, and the narration that makes each sentence once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventBus, serverBus } from '../../../../src/arbiter/report/bus.ts'
import { Narration, type Narrated } from '../../../../src/arbiter/report/narration.ts'

/** What a listener has thrown is a failure of the test. */
const fail = (error: unknown): void => assert.fail(String(error))

test('listeners get each event in the order of their subscription, until it ends', () => {
  const bus = new EventBus<string>(fail)
  const got: string[] = []
  const end = bus.subscribe((event) => got.push(`a ${event}`))
  bus.subscribe((event) => got.push(`b ${event}`))
  bus.emit('1')
  end()
  bus.emit('2')
  assert.deepEqual(got, ['a 1', 'b 1', 'b 2'])
})

test('what a listener throws is an uncaught error, and stops neither the others nor the caller', (t) => {
  const later: (() => void)[] = []
  t.mock.method(globalThis, 'queueMicrotask', (callback: () => void) => void later.push(callback))
  const printed: string[] = []
  const bus = serverBus({ write: (text) => printed.push(text) })
  const got: string[] = []
  bus.subscribe(() => {
    throw new Error('of a listener')
  })
  bus.subscribe(({ type }) => got.push(type))
  bus.emit({ type: 'stopped' })
  assert.deepEqual([got, later.length, printed], [['stopped'], 1, []])
  later[0]?.()
  assert.deepEqual([got, printed], [['stopped', 'uncaught_error'], ['Error: of a listener\n']])
})

test('an uncaught error that cannot be reported either is printed, and no event again', (t) => {
  const later: (() => void)[] = []
  t.mock.method(globalThis, 'queueMicrotask', (callback: () => void) => void later.push(callback))
  const printed: string[] = []
  const bus = serverBus({ write: (text) => printed.push(text) })
  const narration = new Narration(bus, { now: () => 0 })
  narration.subscribe(() => {
    throw new Error('of the log')
  })
  bus.emit({ type: 'uncaught_error', error: new Error('first') })
  assert.deepEqual([printed, later.length], [['Error: of the log\n'], 0])
})

test('the narration gives the same sentence to all that show it', () => {
  const bus = serverBus(process.stderr)
  const narration = new Narration(bus, { now: () => 0 })
  const [first, second]: [Narrated[], Narrated[]] = [[], []]
  narration.subscribe((narrated) => first.push(narrated))
  const end = narration.subscribe((narrated) => second.push(narrated))
  bus.emit({ type: 'stopped' })
  end()
  bus.emit({ type: 'logs_reopened' })
  assert.deepEqual(
    first.map(({ level, msg, event }) => [level, msg, event.type]),
    [
      ['info', 'stopped', 'stopped'],
      ['info', 'log files reopened', 'logs_reopened'],
    ],
  )
  assert.equal(second[0], first[0])
  assert.equal(second.length, 1)
})
