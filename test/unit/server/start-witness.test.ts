import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newRecord } from '../../../src/arbiter/model/worker-record.ts'
import { StartWitness } from '../../../src/server/start-witness.ts'

const worker = newRecord({ nr: 0, age: 1, generation: 1 }, 0, null)

test(
  'a start that fails for a worker is told with the stack of the first one, and a worker that fails ' +
    'later is not told',
  () => {
    const told: string[] = []
    const witness = new StartWitness((text) => told.push(text))
    witness.see({
      type: 'worker_failed',
      worker,
      error: { message: 'first', stack: 'Error: first\n    at app.ts:1' },
    })
    witness.see({ type: 'worker_failed', worker, error: { message: 'second', stack: 'Error: second' } })
    witness.see({ type: 'stopped' })
    assert.deepEqual(told, [])
    witness.see({ type: 'start_failed', reason: 'first', code: 3 })
    assert.deepEqual(told, ['tsgun: the start failed: first; exit code 3\nError: first\n    at app.ts:1\n'])
  },
)

test('a start that fails for another reason is told without a stack', () => {
  const told: string[] = []
  const witness = new StartWitness((text) => told.push(text))
  witness.see({ type: 'start_failed', reason: 'the port is taken', code: 1 })
  assert.deepEqual(told, ['tsgun: the start failed: the port is taken; exit code 1\n'])
})
