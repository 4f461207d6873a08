// Workers. Imports a package as a module in the user's directory would: by Node's own rules for `import`,
// which no public function of Node takes a directory for, except for scripts with a name of their own.
import { join } from 'node:path'
import { constants, Script } from 'node:vm'

type Import = (specifier: string) => Promise<unknown>

/** Resolves to the namespace of the module. */
export async function importFrom(directory: string, specifier: string): Promise<unknown> {
  const script = new Script('(specifier) => import(specifier)', {
    filename: join(directory, 'tsgun-import.js'),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
  const run = script.runInThisContext() as Import // the function above
  return run(specifier)
}
