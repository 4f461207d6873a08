// Runs in the process of a service with `run`, or of a run of a schedule: finds the function in its module.
// Pure.

import { describe } from '../app/model/describe.ts'
import { AppBootError } from '../config/app/errors.ts'
import { isObject } from '../os/type-checks.ts'
import type { ScheduleRun, ServiceStart } from './context.ts'

/** The function of each kind of module. */
interface Functions {
  readonly start: ServiceStart
  readonly run: ScheduleRun
}

/** Of a service with `run`. Throws an AppBootError when it is missing. `file`: for the message. */
export function findStart(exported: unknown, file: string): ServiceStart {
  return findFunction('start', exported, file)
}

/** Of a schedule. Throws an AppBootError when it is missing. `file`: for the message. */
export function findRun(exported: unknown, file: string): ScheduleRun {
  return findFunction('run', exported, file)
}

/**
 * Returns what a module exports by this name, or as default; of a CommonJS module that was compiled, of the
 * default.
 */
function findFunction<Name extends keyof Functions>(
  name: Name,
  exported: unknown,
  file: string,
): Functions[Name] {
  const found = functionIn(name, exported)
  // Parse boundary: of the function only the type of the user's code is known.
  if (typeof found === 'function') return found as Functions[Name]
  throw new AppBootError(
    `${file} has no ${name}(): it exports ${shown(exported)}; expected: ` +
      `export async function ${name}({ signal, log }) { … }, or the same function as default export`,
  )
}

function shown(exported: unknown): string {
  if (!isObject(exported)) return describe(exported)
  const all = Object.keys(exported)
  const names = all.filter((name) => !isNamespace(name, exported))
  return names.join(', ') || all.join(', ') || 'nothing'
}

/** TypeScript that was compiled to CommonJS has all its exports in `default` too. */
function isNamespace(name: string, exported: Readonly<Record<string, unknown>>): boolean {
  return name === 'default' && isObject(exported[name])
}

function functionIn(name: keyof Functions, exported: unknown, depth = 0): unknown {
  if (typeof exported === 'function' || !isObject(exported) || depth === 3) return exported
  if (exported[name] !== undefined) return exported[name]
  return 'default' in exported ? functionIn(name, exported['default'], depth + 1) : undefined
}
