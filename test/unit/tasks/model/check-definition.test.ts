// What a task module may export.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkDefinition } from '../../../../src/tasks/model/check-definition.ts'
import { defineTask } from '../../../../src/tasks/model/definition.ts'

const run = (input: unknown): unknown => input
const definition = defineTask({ run })

test('a definition is found in each form in which a module is loaded', () => {
  for (const exported of [{ default: definition }, definition, { default: { default: definition } }])
    assert.equal(checkDefinition(exported, 'a.ts'), definition)
  class Own {
    run = run
  }
  const own = new Own()
  assert.equal(checkDefinition({ default: own }, 'a.ts'), own)
})

const wrong: readonly (readonly [exported: unknown, message: RegExp])[] = [
  [undefined, /^a\.ts is no task: it exports undefined; expected: export default defineTask/],
  [{ default: run }, /it exports an object/],
  [{ default: {} }, /it has neither run nor batch/],
  [{ run, batch: { max: 1, run } }, /it has both run and batch/],
  [{ run: 'x' }, /run is a string/],
  [{ run, load: 5 }, /load is a number/],
  [{ run, unload: null }, /unload is null/],
  [{ batch: run }, /batch is a function/],
  [{ batch: { max: 4 } }, /batch\.run is undefined, not a function/],
  [{ batch: { max: 0, run } }, /batch\.max is 0, not an integer from 1/],
  [{ batch: { max: 1.5, run } }, /batch\.max is 1\.5/],
  [{ batch: { max: 2, max_wait: -1, run } }, /batch\.max_wait is -1, not a number of milliseconds/],
  [{ batch: { max: 2, max_wait: Infinity, run } }, /batch\.max_wait is Infinity/],
]

test('what is no task is named, with what was expected', () => {
  for (const [exported, message] of wrong)
    assert.throws(() => checkDefinition(exported, 'a.ts'), { name: 'AppBootError', message })
})
