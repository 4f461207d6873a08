// Runs in a worker, once at boot: what a module exports, for the errors about it.

import type { Namespace } from './app-module.ts'
import { describe } from './describe.ts'
import { read } from './shapes.ts'
import { isRecord } from '../../os/type-checks.ts'

/**
 * The exports by the names that the module gives them. In CommonJS `default` is `module.exports`: the exports
 * are its properties.
 */
export function exportsOf(namespace: Namespace): Namespace {
  const names = namesIn(namespace).filter((name) => name !== 'default')
  const whole = namespace['default']
  if (!isRecord(whole)) return namespace
  const isWhole = names.length > 0 && names.every((name) => whole[name] === namespace[name])
  return isWhole || whole['__esModule'] === true ? whole : namespace
}

/** The value at a path such as `Lanes` or `classes.Lanes`; undefined when the module has no such export. */
export function exportAt(namespace: Namespace, path: string): unknown {
  const [first = '', ...rest] = path.split('.')
  // CommonJS: a name that Node's lexer does not find is still a property of module.exports.
  const start = first in namespace ? namespace[first] : read(namespace['default'], first)
  return rest.reduce(read, start)
}

export function listExports(namespace: Namespace): string {
  const exported = exportsOf(namespace)
  const names = namesIn(exported)
  if (names.length === 0) return 'it exports nothing'
  return `it exports ${names.map((name) => `${name} (${describe(exported[name])})`).join(', ')}`
}

/** Without the names that compilers and Node.js add to the exports of CommonJS. */
function namesIn(namespace: Namespace): string[] {
  return Object.keys(namespace).filter((name) => name !== 'module.exports' && name !== '__esModule')
}
