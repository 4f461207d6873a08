import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge } from '../../../src/arbiter/model/death/verdict.ts'
import { newRecord } from '../../../src/arbiter/model/worker-record.ts'
import { StartFailure } from '../../../src/server/start-failure.ts'

const worker = newRecord({ nr: 0, age: 1, generation: 1 }, 0, null)

test(
  'a start that fails for a worker is printed with the stack of the first one, and no worker that ' +
    'fails later',
  () => {
    const printed: string[] = []
    const failure = new StartFailure((text) => printed.push(text))
    failure.apply({
      type: 'worker_failed',
      worker,
      error: { message: 'first', stack: 'Error: first\n    at app.ts:1' },
    })
    failure.apply({ type: 'worker_failed', worker, error: { message: 'second', stack: 'Error: second' } })
    failure.apply({ type: 'stopped' })
    assert.deepEqual(printed, [])
    failure.apply({ type: 'start_failed', reason: 'first', code: 3 })
    assert.deepEqual(printed, [
      'tsgun: the start failed: first; exit code 3\nError: first\n    at app.ts:1\n',
    ])
  },
)

test('an uncaught error that ends a worker of the start is printed with its stack', () => {
  const printed: string[] = []
  const failure = new StartFailure((text) => printed.push(text))
  const fault = { message: 'boom', stack: 'TypeError: boom\n    at app.ts:4' }
  const ended = { ...worker, pid: 7, fault }
  const verdict = judge(ended, { code: 1, signal: null }, 5)
  failure.apply({ type: 'worker_ended', worker: ended, verdict, lived: 5, retryIn: 0 })
  failure.apply({ type: 'start_failed', reason: verdict.broken?.reason ?? '', code: 3 })
  assert.deepEqual(printed, [
    'tsgun: the start failed: a worker did not become ready: it exited with code 1 (TypeError: boom); exit code 3\n' +
      'TypeError: boom\n    at app.ts:4\n',
  ])
})

test('a start that fails for another reason is printed without a stack', () => {
  const printed: string[] = []
  const failure = new StartFailure((text) => printed.push(text))
  failure.apply({ type: 'start_failed', reason: 'the port is taken', code: 1 })
  assert.deepEqual(printed, ['tsgun: the start failed: the port is taken; exit code 1\n'])
})
