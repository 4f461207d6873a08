// The environment of a program that is the arbiter.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProgramEnvironment } from '../../../../src/arbiter/reload/program-environment.ts'

test('workers get the environment of the time of the load, and the program keeps its own', async () => {
  const live: NodeJS.ProcessEnv = { KEPT: '1', REMOVED: '1' }
  const environment = new ProgramEnvironment(live)
  const { result, changes } = await environment.during(() => {
    live['ADDED'] = '1'
    delete live['REMOVED']
    return Promise.resolve('loaded')
  })
  live['KEPT'] = '2'
  environment.use()
  assert.equal(result, 'loaded')
  assert.deepEqual(environment.of(changes), { KEPT: '1', ADDED: '1' })
  assert.deepEqual(live, { KEPT: '2', ADDED: '1' })
})
