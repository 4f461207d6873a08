// Errors over the wire.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readError, writeError } from '../../../../src/tasks/wire/messages.ts'
import { restoreThrown } from '../../../../src/tasks/wire/error-value.ts'
import { bytesOf, readWhole } from './frames.ts'

function restored(thrown: unknown): unknown {
  const [frame] = readWhole(bytesOf(writeError('TASK_FAILED', thrown)))
  assert.ok(frame)
  return restoreThrown(readError(frame).error)
}

test('an error keeps name, message, stack, properties and causes; what cannot be cloned is left out', () => {
  class ModelError extends RangeError {
    override name = 'ModelError'
    readonly code = 'EMODEL'
    readonly details = { page: 3, bytes: Buffer.alloc(70_000, 1) }
    readonly onRetry = (): void => undefined
  }
  const error = new ModelError('no page', { cause: new TypeError('inner', { cause: { status: 7 } }) })
  const received = restored(error)
  assert.ok(received instanceof Error && received.cause instanceof Error)
  const { name, message, stack, cause } = received
  assert.deepEqual([name, message], [error.name, error.message])
  assert.match(stack ?? '', /^ModelError: no page\n +at .*error-value\.test\.ts:22:\d+\)$/)
  assert.deepEqual([cause.name, cause.message, cause.cause], ['TypeError', 'inner', { status: 7 }])
  assert.equal(Reflect.get(received, 'code'), 'EMODEL')
  assert.deepEqual(Reflect.get(received, 'details'), error.details)
  assert.equal(Reflect.get(received, 'onRetry'), undefined)
})

test('something else than an Error arrives as it was thrown', () => {
  assert.equal(restored('a text'), 'a text')
  assert.deepEqual(restored({ code: 5 }), { code: 5 })
  const received = restored(() => 1)
  assert.ok(received instanceof Error)
  assert.match(received.message, /Function/)
})

test('an error that cannot be inspected is an error all the same', () => {
  const error = new Error('x')
  Object.defineProperty(error, 'message', {
    get() {
      throw new Error('no')
    },
  })
  const received = restored(error)
  assert.ok(received instanceof Error)
  assert.match(received.message, /cannot be shown/)
})

test('a circle of causes ends', () => {
  const error = new Error('outer')
  error.cause = new Error('inner', { cause: error })
  let [depth, next]: [number, unknown] = [0, restored(error)]
  while (next instanceof Error) [depth, next] = [depth + 1, next.cause]
  assert.ok(depth > 2 && depth < 20)
})
