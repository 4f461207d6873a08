// Arbiter and workers. The ES module that an import of a stored CommonJS file gets: it requires the file, so
// that import and require share one instance, and exports its names, which Node cannot read from TypeScript
// source.
import { createKindReader } from '../files/kind.ts'
import type { StoredModule } from '../files/pack.ts'
import { isCompiled, isLocal } from '../files/paths.ts'
import { resolvePath } from '../session/resolution.ts'
import { provide, type Session } from '../session/session.ts'
import { exportLines } from './export-lines.ts'

/** Returns the source of the ES module for a stored CommonJS file. */
export function facadeOf(session: Session, module: StoredModule): string {
  const names = [...exportedNames(session, module)].filter(
    (name) => name !== 'default' && name !== 'module.exports',
  )
  return [
    `import Module, { createRequire } from 'node:module'`,
    `const exported = ${loadCall(session, module.path)}`,
    'export default ' +
      `${
        prefersDefault(module.path)
          ? `exported?.__esModule && 'default' in exported ? exported.default : ` + 'exported'
          : 'exported'
      }`,
    ...exportLines('exported', names),
  ].join('\n')
}

// Node itself would load a program so that `require.main === module`.
function loadCall({ program }: Session, path: string): string {
  const name = JSON.stringify(path)
  return path === program ? `Module._load(${name}, null, true)` : `createRequire(import.meta.url)(${name})`
}

// In Node the default import is module.exports. In a project without "type", where a top-level await decides
// what is CommonJS, such an await must not change the meaning of `import x from`.
function prefersDefault(path: string): boolean {
  return isCompiled(path) && createKindReader()(path) === 'ambiguous'
}

function exportedNames(session: Session, module: StoredModule, seen = new Set<string>()): Set<string> {
  if (seen.has(module.path)) return new Set()
  seen.add(module.path)
  const names = new Set(module.exports)
  for (const specifier of module.reexports) {
    const path = resolvePath(session, module.path, specifier)
    const from = path !== undefined && isLocal(path) ? provide(session, path) : undefined
    if (from?.format === 'commonjs') for (const name of exportedNames(session, from, seen)) names.add(name)
  }
  return names
}
