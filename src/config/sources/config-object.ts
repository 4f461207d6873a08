// Gets the config object from the module of a config file: its default export, or what that function returns.
// Runs in the arbiter and in every worker.

import { show } from '../problems/problem.ts'
import { isRecord } from '../../os/type-checks.ts'

/** Rejects with a TypeError when the default export is not a config. */
export async function configObject(
  module: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const exported = unwrap(module)
  const config: unknown =
    // a function of the config file
    typeof exported === 'function' ? await (exported as () => unknown)() : await exported
  if (isRecord(config)) return config
  if (Array.isArray(config)) throw new TypeError(listMessage)
  throw new TypeError(
    'expected the default export to be an object or a function that returns one, such as ' +
      `defineConfig({ … }); got ${show(config)}`,
  )
}

/** For a config that is a list. */
export const listMessage =
  "it is a list (PM2's apps?); expected one object of settings: each app has a config and a service of its " +
  'own (docs/run/deploy.md)'

/** TypeScript compiled to CommonJS has its default export in `default.default`. */
function unwrap(module: Readonly<Record<string, unknown>>): unknown {
  const outer = module['default']
  if (typeof outer !== 'object' || outer === null || !('__esModule' in outer)) return outer
  return 'default' in outer ? outer.default : undefined
}
