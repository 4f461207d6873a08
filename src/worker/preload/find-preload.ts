// Runs in the process of preload(): the function in the exports of the module.

import { describe } from '../../app/model/describe.ts'
import type { Namespace } from '../../app/model/app-module.ts'
import { AppBootError } from '../../config/app/errors.ts'
import type { PreloadContext } from '../../sharing/context.ts'

export type Preload = (context: PreloadContext) => unknown

/** `isNamed`: the module was named for it, and its default export will do too. Undefined without one. */
export function findPreload(namespace: Namespace, module: string, isNamed: boolean): Preload | undefined {
  const found = namespace['preload'] ?? (isNamed ? namespace['default'] : undefined)
  if (typeof found === 'function') return (context) => Reflect.apply(found, undefined, [context]) as unknown
  if (!isNamed && found === undefined) return undefined
  const got = found === undefined ? 'no such export' : describe(found)
  throw new AppBootError(`${module}: expected an exported function preload(); got ${got}`)
}
