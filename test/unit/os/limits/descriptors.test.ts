// What has to be done when no descriptor is free.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requireDescriptors, SpareDescriptor } from '../../../../src/os/limits/descriptors.ts'

const none = (): Error => Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' })

test('descriptors that are free are free afterwards; more than there are throw', () => {
  requireDescriptors(20)
  requireDescriptors(20)
  assert.throws(() => requireDescriptors(5_000_000), { code: 'EMFILE' })
  requireDescriptors(20)
})

test('a step that failed for lack of a descriptor runs once more, also the next time', () => {
  const spare = new SpareDescriptor()
  for (const round of [1, 2]) {
    let runs = 0
    spare.run(() => {
      runs += 1
      if (runs === 1) throw none()
    })
    assert.equal(runs, 2, `round ${round}`)
  }
})

test('any other failure, and one that repeats, is thrown', () => {
  const spare = new SpareDescriptor()
  let runs = 0
  const fail = (error: Error) => (): never => {
    runs += 1
    throw error
  }
  assert.throws(() => spare.run(fail(new Error('other'))), /other/)
  assert.equal(runs, 1)
  assert.throws(() => spare.run(fail(none())), /EMFILE/)
  assert.equal(runs, 3)
})
