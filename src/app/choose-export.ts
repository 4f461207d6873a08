// Runs in a worker, once at boot: picks the app from the exports of the user's module. The errors list the
// exports, because a wrong name is the usual cause.

import type { AppSetting } from '../config/app/app-setting.ts'
import { AppBootError, AppError } from '../config/app/errors.ts'
import { hasMethods, isClass, isParameterless, read } from './model/shapes.ts'
import { recognise } from './model/recognise.ts'
import { messageOf } from '../os/error-message.ts'
import { describe } from './model/describe.ts'
import type { Namespace } from './model/app-module.ts'
import { exportAt, exportsOf, listExports } from './model/exports.ts'
import { isRecord, isThenable } from '../os/type-checks.ts'

/**
 * The app and the name of its export. Wrapped in an object, because a Fastify instance has `then`: a promise
 * that resolves to it would boot it.
 */
export interface Chosen {
  readonly value: unknown
  readonly name: string
}

const expected =
  'expected a program that listens, a request listener (req, res), an object with fetch(request), an ' +
  'Express, ' +
  'Koa, Fastify, Nest, hapi or Polka app, or an http.Server with a request listener; for a function that ' +
  'returns the app, write "module:factory()"'

/** Rejects with an AppError when no export is an app, an AppBootError when the factory or promise fails. */
export async function chooseExport(namespace: Namespace, setting: AppSetting): Promise<Chosen> {
  const found =
    setting.export === undefined ? unnamed(namespace, setting) : named(namespace, setting.export, setting)
  const chosen = await awaited(setting.call ? call(found, setting) : found)
  if (recognise(chosen.value) === undefined) throw notAnApp(chosen, namespace, setting)
  return chosen
}

/** The exports that are looked at when `app` names none, in this order. */
const usualNames = ['default', 'app', 'handler', 'listener', 'server'] as const

/** An export of a usual name; in CommonJS also `module.exports` and its properties. */
function* candidates(namespace: Namespace): Generator<Chosen> {
  for (const name of usualNames)
    for (const owner of [namespace, namespace['default']]) {
      const value = read(owner, name)
      if (value !== undefined && value !== null) yield { value, name }
    }
}

/** Returns the export that is an app, or a promise of one; undefined when the module has none. */
export function findExport(namespace: Namespace): Chosen | undefined {
  // One after the other: a getter of an export that is not needed must not run.
  for (const chosen of candidates(namespace))
    if (recognise(chosen.value) !== undefined || isThenable(chosen.value)) return chosen
  return undefined
}

function unnamed(namespace: Namespace, setting: AppSetting): Chosen {
  const usable = findExport(namespace) ?? firstExport(namespace)
  if (usable !== undefined) return usable
  throw Object.keys(namespace).length === 0
    ? exportsNothing(setting)
    : new AppError(
        `${setting.module} has no default export and no export "app"; ${listExports(namespace)}; ${expected}`,
      )
}

/** The first export of a usual name, for the error that it is no app. */
function firstExport(namespace: Namespace): Chosen | undefined {
  const exported = exportsOf(namespace)
  const name = usualNames.find((each) => exported[each] !== undefined && exported[each] !== null)
  return name && { name, value: exported[name] }
}

const exportsNothing = ({ module }: AppSetting): AppError =>
  new AppError(`${module} exports nothing and does not listen; add "export default app", or call listen()`)

function named(namespace: Namespace, path: string, setting: AppSetting): Chosen {
  const value = exportAt(namespace, path)
  if (value === undefined || value === null) {
    throw new AppError(`${setting.module} has no export "${path}"; ${listExports(namespace)}`)
  }
  return { value, name: path }
}

function call(found: Chosen, setting: AppSetting): Chosen {
  const { value, name } = found
  if (typeof value !== 'function' || isClass(value)) {
    throw new AppError(
      `"${name}" of ${setting.module} is ${describe(value)}, not a function, so "${name}()" cannot ` +
        'be called',
    )
  }
  try {
    return { value: Reflect.apply(value, undefined, []), name: `${name}()` }
  } catch (error) {
    throw failed(name, error)
  }
}

/** Awaits a promise, but not a Fastify instance, which would boot before the adapter has added its hooks. */
async function awaited(chosen: Chosen): Promise<Chosen> {
  if (!isThenable(chosen.value) || recognise(chosen.value) !== undefined) return chosen
  try {
    return { value: await chosen.value, name: chosen.name }
  } catch (error) {
    throw failed(chosen.name, error)
  }
}

const failed = (name: string, error: unknown): AppBootError =>
  new AppBootError(`the app's export "${name}" failed: ${messageOf(error)}`, { cause: error })

function notAnApp(chosen: Chosen, namespace: Namespace, setting: AppSetting): AppError {
  const kind = isClass(chosen.value)
    ? ' (export an instance of it)'
    : isParameterless(chosen.value)
      ? ' without parameters'
      : hasMethods(chosen.value, 'start')
        ? ' (if it listens with start(), call that in its module)'
        : ''
  // CommonJS: the module.exports that each module begins with.
  if (setting.export === undefined && isEmptyObject(chosen.value)) return exportsNothing(setting)
  const what = `"${chosen.name}" of ${setting.module} is ${describe(chosen.value)}${kind}, not an app`
  return new AppError(`${what}; ${listExports(namespace)}; ${expected}`)
}

const isEmptyObject = (value: unknown): boolean =>
  describe(value) === 'an object' && isRecord(value) && Object.keys(value).length === 0
