// The worker's end of the channel, and the signals it survives.

import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { seal } from '../../../../src/ipc/messages.ts'
import { openChannel } from '../../../../src/worker/process/channel.ts'

interface FakeProcess {
  readonly process: NodeJS.Process
  readonly emitter: EventEmitter
  readonly sent: unknown[]
}

function fakeProcess(connected = true): FakeProcess {
  const sent: unknown[] = []
  const send = (value: unknown, _handle: unknown, _options: unknown, done: () => void): boolean => {
    sent.push(value)
    setImmediate(done)
    return true
  }
  const emitter = Object.assign(new EventEmitter(), { connected, send })
  // the four members that a channel uses
  return { process: emitter as unknown as NodeJS.Process, emitter, sent }
}

test('orders are taken out of their envelope, and what the app sends on the channel is ignored', () => {
  const { process, emitter } = fakeProcess()
  const got: string[] = []
  const stop = openChannel(process).onMessage(({ type }) => got.push(type))
  for (const value of [
    seal({ type: 'quit', reason: 'stop' }),
    { type: 'quit' },
    'quit',
    null,
    { tsgun: { type: 'rm' } },
  ])
    emitter.emit('message', value)
  assert.deepEqual(got, ['quit'])
  stop()
  emitter.emit('message', seal({ type: 'abort' }))
  assert.deepEqual(got, ['quit'], 'the listener is not called any more')
})

test('the end of the arbiter is reported to the remaining listeners', () => {
  const { process, emitter } = fakeProcess()
  const channel = openChannel(process)
  const got: string[] = []
  const stop = channel.onClosed(() => got.push('first'))
  channel.onClosed(() => got.push('second'))
  stop()
  emitter.emit('disconnect')
  assert.deepEqual(got, ['second'])
})

test(
  'a message is sent in an envelope; without an arbiter sending does nothing and does not ' + 'wait',
  async () => {
    const { process, sent } = fakeProcess()
    await openChannel(process).send({ type: 'hello' })
    assert.deepEqual(sent, [{ tsgun: { type: 'hello' } }])
    const orphan = fakeProcess(false)
    await openChannel(orphan.process).send({ type: 'hello' })
    assert.deepEqual(orphan.sent, [])
  },
)

test('a worker that was started by hand is refused', () => {
  assert.throws(() => openChannel(new EventEmitter() as unknown as NodeJS.Process), /not by hand/)
})
