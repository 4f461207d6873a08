// Picks the app out of the module that the user named. Runs in a worker, once. Its errors list what the
// module exports, because the usual mistake is a name.

import type { AppSetting } from '../config/app/app-setting.ts'
import { AppBootError, AppError } from '../config/app/errors.ts'
import { isClass, isThenable, read, recognise } from './model/recognise.ts'

export type Namespace = Readonly<Record<string, unknown>>

/**
 * What was found, and the name to show for it. In a box, because a promise that resolves to a Fastify
 * instance would take it for a promise (it has `then`) and boot it.
 */
export interface Chosen {
  readonly value: unknown
  readonly name: string
}

const expected =
  'expected a request listener (req, res), an object with fetch(request), an app of Express, Koa, ' +
  'Fastify or Nest, ' +
  'or an http.Server that has a request listener; for a function that makes the app write "module:factory()"'

/** Throws AppError when nothing fits, AppBootError when the user's factory or promise fails. */
export async function chooseExport(namespace: Namespace, reference: AppSetting): Promise<Chosen> {
  const found =
    reference.export === undefined
      ? unnamed(namespace, reference)
      : named(namespace, reference.export, reference)
  const chosen = await awaited(reference.call ? call(found, reference) : found)
  if (recognise(chosen.value) === undefined) throw notAnApp(chosen, namespace, reference)
  return chosen
}

/** The default export, then one named `app`; of a CommonJS module, `module.exports` and then its `app`. */
function unnamed(namespace: Namespace, reference: AppSetting): Chosen {
  const candidates = [
    { value: namespace['default'], name: 'default' },
    { value: read(namespace['default'], 'default'), name: 'default' },
    { value: namespace['app'], name: 'app' },
    { value: read(namespace['default'], 'app'), name: 'app' },
  ].filter(({ value }) => value !== undefined && value !== null)
  const usable =
    candidates.find(({ value }) => recognise(value) !== undefined || isThenable(value)) ?? candidates[0]
  if (usable !== undefined) return usable
  throw new AppError(
    `${reference.module} has no default export and none named "app"; ${listExports(namespace)}; ${expected}`,
  )
}

function named(namespace: Namespace, path: string, reference: AppSetting): Chosen {
  const [first = '', ...rest] = path.split('.')
  // CommonJS: a name that Node's lexer did not see is still a property of module.exports.
  const start = first in namespace ? namespace[first] : read(namespace['default'], first)
  const value = rest.reduce(read, start)
  if (value === undefined || value === null) {
    throw new AppError(`${reference.module} has no export "${path}"; ${listExports(namespace)}`)
  }
  return { value, name: path }
}

function call(found: Chosen, reference: AppSetting): Chosen {
  const { value, name } = found
  if (typeof value !== 'function' || isClass(value)) {
    throw new AppError(
      `"${name}" of ${reference.module} is ${describe(value)}, not a function, so "${name}()" cannot ` +
        'be called',
    )
  }
  try {
    return { value: Reflect.apply(value, undefined, []), name: `${name}()` }
  } catch (error) {
    throw failed(name, error)
  }
}

/**
 * Awaits a promise, and only that: awaiting a Fastify instance would boot it before the adapter has added its
 * hook.
 */
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

/** The message of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function notAnApp(chosen: Chosen, namespace: Namespace, reference: AppSetting): AppError {
  const remedy = isClass(chosen.value) ? ' (export an instance of it)' : ''
  const what = `"${chosen.name}" of ${reference.module} is ${describe(chosen.value)}${remedy}, not an app`
  return new AppError(`${what}; ${listExports(namespace)}; ${expected}`)
}

function listExports(namespace: Namespace): string {
  const names = Object.keys(namespace)
  if (names.length === 0) return 'it exports nothing'
  return `it exports ${names.map((name) => `${name} (${describe(namespace[name])})`).join(', ')}`
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (isClass(value)) return 'a class'
  if (isThenable(value)) return 'a promise'
  if (Array.isArray(value)) return 'an array'
  if (typeof value !== 'object') return value === undefined ? 'undefined' : `a ${typeof value}`
  const type: unknown = read(read(value, 'constructor'), 'name')
  return typeof type === 'string' && type !== 'Object' && type !== '' ? `an instance of ${type}` : 'an object'
}
