// The event bus, and the narration that makes each sentence once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventBus } from '../../../../src/arbiter/report/bus.ts'
import { Narration, type Narrated } from '../../../../src/arbiter/report/narration.ts'

test('listeners get each event in the order of their subscription, until it ends', () => {
  const bus = new EventBus<string>()
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
  const bus = new EventBus<string>()
  const got: string[] = []
  bus.subscribe(() => {
    throw new Error('of a listener')
  })
  bus.subscribe((event) => got.push(event))
  bus.emit('1')
  assert.deepEqual(got, ['1'])
  assert.equal(later.length, 1)
  assert.throws(() => later[0]?.(), /of a listener/)
})

test('the narration gives the same sentence to all that show it', () => {
  const bus = new EventBus()
  const narration = new Narration(bus)
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
