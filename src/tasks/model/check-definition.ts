// Runs in a task process: what a task module exports, checked at boot. Pure.

import { describe } from '../../app/model/describe.ts'
import { AppBootError } from '../../config/app/errors.ts'
import { isObject } from '../../os/type-checks.ts'
import type { AnyDefinition } from './definition.ts'

const expected =
  'export default defineTask({ run(input, { model, signal, progress }) { … } }), or { batch: { max, run } }'

/**
 * Returns the definition that a module exports: as its default export, as `module.exports`, or, of a CommonJS
 * module that was compiled, as the default of the default. `file`: for the message. Throws an AppBootError.
 */
export function checkDefinition(exported: unknown, file: string): AnyDefinition {
  const found = definitionIn(exported)
  const problem = found === undefined ? `it exports ${describe(exported)}` : problemOf(found)
  if (problem !== undefined) throw new AppBootError(`${file} is no task: ${problem}; expected: ${expected}`)
  // Parse boundary: its members were checked. Of the functions only the types of the user's code are known.
  return found as AnyDefinition
}

function definitionIn(exported: unknown, depth = 0): Readonly<Record<string, unknown>> | undefined {
  if (!isObject(exported)) return undefined
  if (isDefinition(exported) || depth === 2) return exported
  return 'default' in exported ? definitionIn(exported['default'], depth + 1) : exported
}

function isDefinition(value: Readonly<Record<string, unknown>>): boolean {
  return value['run'] !== undefined || value['batch'] !== undefined
}

function problemOf(definition: Readonly<Record<string, unknown>>): string | undefined {
  const { run, batch } = definition
  if (run === undefined && batch === undefined) return 'it has neither run nor batch'
  if (run !== undefined && batch !== undefined) return 'it has both run and batch'
  for (const name of ['run', 'load', 'unload']) {
    const value = definition[name]
    if (value !== undefined && typeof value !== 'function') return `${name} is ${describe(value)}`
  }
  return batch === undefined ? undefined : batchProblem(batch)
}

function batchProblem(batch: unknown): string | undefined {
  if (!isObject(batch)) return `batch is ${describe(batch)}`
  const { max, max_wait: maxWait = 0, run } = batch
  if (typeof run !== 'function') return `batch.run is ${describe(run)}, not a function`
  if (!Number.isInteger(max) || Number(max) < 1) return `batch.max is ${String(max)}, not an integer from 1`
  const isTime = typeof maxWait === 'number' && maxWait >= 0 && Number.isFinite(maxWait)
  return isTime ? undefined : `batch.max_wait is ${String(maxWait)}, not a number of milliseconds`
}
