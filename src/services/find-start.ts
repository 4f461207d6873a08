// Runs in the process of a service with `run`: finds the function in its module. Pure.

import { describe } from '../app/model/describe.ts'
import { isObject } from '../os/type-checks.ts'
import type { ServiceStart } from './context.ts'

const expected = 'export async function start({ signal, log }) { … }, or the same function as default export'

/**
 * Returns what a module exports as `start` or as default; of a CommonJS module that was compiled, of the
 * default. Throws a TypeError when that is no function. `file`: for the message.
 */
export function findStart(exported: unknown, file: string): ServiceStart {
  const found = startIn(exported)
  // Parse boundary: of the function only the type of the user's code is known.
  if (typeof found === 'function') return found as ServiceStart
  throw new TypeError(`${file} has no start(): it exports ${shown(exported)}; expected: ${expected}`)
}

function shown(exported: unknown): string {
  if (!isObject(exported)) return describe(exported)
  const names = Object.keys(exported)
  return names.length === 0 ? 'nothing' : names.join(', ')
}

function startIn(exported: unknown, depth = 0): unknown {
  if (typeof exported === 'function' || !isObject(exported) || depth === 3) return exported
  if (exported['start'] !== undefined) return exported['start']
  return 'default' in exported ? startIn(exported['default'], depth + 1) : undefined
}
