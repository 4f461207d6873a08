// Arbiter and workers, main and hook thread. Resolves specifiers in the user's code that Node cannot
// resolve, or no longer resolves as it did when the arbiter loaded them. The result is the same for import,
// require and esbuild.
import { existsSync, realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { ownFile } from '../../os/own-code.ts'
import { COMPILED_EXTENSIONS, isCompiled, isLocal } from '../files/paths.ts'
import { keep, type Session } from './session.ts'

/** The error codes of Node for a specifier that cannot be resolved. */
export const NOT_FOUND: readonly string[] = [
  'MODULE_NOT_FOUND',
  'ERR_MODULE_NOT_FOUND',
  'ERR_UNSUPPORTED_DIR_IMPORT',
  'ERR_INVALID_MODULE_SPECIFIER',
  'ERR_PACKAGE_IMPORT_NOT_DEFINED',
]

// Imports in TypeScript may name the file that the compiler would write (TypeScript handbook, "Module
// resolution").
const WRITTEN_AS: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx', '.jsx'],
  '.jsx': ['.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
}

/**
 * Resolves a specifier before Node: the resolution in the store, else TypeScript for './x' in a TypeScript
 * file.
 */
export function resolveFirst(session: Session, parent: string, specifier: string): string | undefined {
  const stored = session.store.resolution(parent, specifier)
  if (stored !== undefined || !isCompiled(parent) || !isPath(specifier)) return stored
  const path = resolve(dirname(parent), specifier)
  if (isFile(path)) return undefined
  const beside = COMPILED_EXTENSIONS.map((extension) => path + extension)
  // A directory with a package.json names its main file by itself.
  const inside = isFile(join(path, 'package.json'))
    ? []
    : COMPILED_EXTENSIONS.map((extension) => join(path, `index${extension}`))
  return realpathOfFirst([...beside, ...inside])
}

/** Resolves a specifier that Node could not resolve. */
export function resolveLast(session: Session, parent: string, specifier: string): string | undefined {
  if (isPath(specifier))
    return compiledFrom(resolve(dirname(parent), specifier)) ?? asRequired(parent, specifier)
  if (specifier === OWN_NAME) return ownIndex(session, parent)
  return isCompiled(parent) ? fromTsconfig(session, parent, specifier) : undefined
}

// What a config imports. A tsgun that is installed globally, or run by npx, is not found from a project.
const OWN_NAME = 'tsgun'

// Recorded, so that a worker without TypeScript has hooks too.
function ownIndex(session: Session, parent: string): string {
  const path = ownFile('index')
  if (session.role === 'arbiter') keep(session, () => session.store.saveResolution(parent, OWN_NAME, path))
  return path
}

/** Resolves a specifier without Node's resolver. */
export function resolvePath(session: Session, parent: string, specifier: string): string | undefined {
  const exact = isPath(specifier) ? realpathOfFirst([resolve(dirname(parent), specifier)]) : undefined
  return resolveFirst(session, parent, specifier) ?? exact ?? resolveLast(session, parent, specifier)
}

/** Records in the arbiter which local file an import resolved to. */
export function recordResolution(session: Session, parent: string, specifier: string, path: string): void {
  if (session.role !== 'arbiter' || !isAbsolute(path) || !isLocal(path)) return
  keep(session, () => session.store.saveResolution(parent, specifier, path))
}

/**
 * Returns the path of a specifier, even if no file exists there; undefined for the name of a package.
 */
export function pathOf(parent: string, specifier: string): string | undefined {
  return isPath(specifier) ? resolve(dirname(parent), specifier) : undefined
}

function isPath(specifier: string): boolean {
  return /^\.\.?(?:\/|$)/.test(specifier) || isAbsolute(specifier)
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile()
}

// Node identifies modules by their real path; with another path one file could become two modules.
function realpathOfFirst(candidates: readonly string[]): string | undefined {
  const found = candidates.find(isFile)
  return found === undefined ? undefined : realpathSync(found)
}

function compiledFrom(path: string): string | undefined {
  const [ending = ''] = /\.[cm]?jsx?$/.exec(path) ?? []
  return realpathOfFirst(
    (WRITTEN_AS[ending] ?? []).map((extension) => path.slice(0, -ending.length) + extension),
  )
}

// './x' and './directory' of plain JavaScript: require() resolves them, import does not; TypeScript allows
// both.
function asRequired(parent: string, specifier: string): string | undefined {
  if (!isCompiled(parent)) return undefined
  const path = resolve(dirname(parent), specifier)
  return isFile(join(path, 'package.json'))
    ? createRequire(parent).resolve(specifier)
    : withoutExtension(path)
}

// "paths" and "baseUrl" of tsconfig.json. Those of imports with a literal name are in the store.
function fromTsconfig(session: Session, parent: string, specifier: string): string | undefined {
  for (const path of session.tsconfig.pathsOf(parent)?.(specifier) ?? []) {
    const found = realpathOfFirst([path]) ?? compiledFrom(path) ?? withoutExtension(path)
    if (found !== undefined) return found
  }
  return undefined
}

function withoutExtension(path: string): string | undefined {
  const extensions = [...COMPILED_EXTENSIONS, '.js', '.mjs', '.cjs', '.json']
  return realpathOfFirst([path, join(path, 'index')].flatMap((each) => extensions.map((end) => each + end)))
}
