// Runs in a worker, only with a worker class of the user: what its module exports and what it has created,
// checked. Pure.

import { describe } from '../../app/model/describe.ts'
import { exportAt, listExports } from '../../app/model/exports.ts'
import type { Namespace } from '../../app/model/app-module.ts'
import type { AppSetting } from '../../config/app/app-setting.ts'
import { AppBootError } from '../../config/app/errors.ts'
import { baseNames, isBaseName } from '../../config/app/worker-class-setting.ts'
import { didYouMean } from '../../config/problems/did-you-mean.ts'
import { isObject } from '../../os/type-checks.ts'
import type { WorkerClassDefinition, WorkerService } from '../../serving/classes/definition.ts'

const expected = 'export default defineWorkerClass({ base: "async", create: (context) => ({ … }) })'
const members = ['mayAccept', 'connection', 'request', 'listen', 'drain'] as const
/** Other members are the class's own, but a function with a name this many edits away is a typo. */
const typoDistance = 2

interface Wanted {
  readonly where: string
  readonly wanted: AppSetting
}

/** Throws an AppBootError. `where`: the class, for the message. */
export function definitionIn(namespace: Namespace, { where, wanted }: Wanted): WorkerClassDefinition {
  const found = wanted.export === undefined ? defaultOf(namespace) : exportAt(namespace, wanted.export)
  if (found === undefined || found === null) {
    const name = wanted.export === undefined ? 'default export' : `export "${wanted.export}"`
    throw new AppBootError(`${where} has no ${name}; ${listExports(namespace)}; expected: ${expected}`)
  }
  const problem = definitionProblem(found)
  if (problem !== undefined)
    throw new AppBootError(`${where} is no worker class: ${problem}; expected: ${expected}`)
  // Parse boundary: its members were checked.
  return found as WorkerClassDefinition
}

/** Of a CommonJS module that was compiled, the default of the default. */
function defaultOf(namespace: Namespace): unknown {
  const found = namespace['default']
  return isObject(found) && found['create'] === undefined && 'default' in found ? found['default'] : found
}

function definitionProblem(found: unknown): string | undefined {
  if (!isObject(found)) return `it is ${describe(found)}`
  const { base = 'async', create } = found
  if (typeof create !== 'function') return `create is ${describe(create)}, not a function`
  if (isBaseName(base)) return undefined
  const names = baseNames.map((name) => `"${name}"`).join(', ')
  return `base is ${JSON.stringify(base) ?? describe(base)}, not one of ${names}`
}

/** Throws an AppBootError. */
export function checkedService(service: unknown, where: string): WorkerService {
  if (!isObject(service))
    throw new AppBootError(
      `create() of ${where} has returned ${describe(service)}, not an object; expected: ${expected}`,
    )
  for (const name of members) {
    const value: unknown = service[name]
    if (value !== undefined && typeof value !== 'function')
      throw new AppBootError(`create() of ${where}: ${name} is ${describe(value)}, not a function`)
  }
  for (const [name, value] of Object.entries(service)) {
    const isKnown = members.some((member) => member === name) || typeof value !== 'function'
    const near = isKnown ? undefined : didYouMean(name, members, typoDistance)
    if (near !== undefined)
      throw new AppBootError(
        `create() of ${where} has returned an unknown function ${name}; did you mean "${near}"?`,
      )
  }
  return service
}
