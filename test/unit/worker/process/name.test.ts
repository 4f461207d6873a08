import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processName } from '../../../../src/worker/process/name.ts'

test('a worker of the app is a worker, whether or not there are services; others have their name', () => {
  const service = { name: 'web', isRunner: false }
  assert.equal(processName({ nr: 1, task: undefined, service: undefined }), 'worker 1')
  assert.equal(processName({ nr: 1, task: undefined, service }), 'worker 1')
  assert.equal(processName({ nr: 0, task: undefined, service: { ...service, name: 'live' } }), 'live 0')
})
