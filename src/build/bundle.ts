// Runs in `tsgun build`: joins the config and the modules that it names, with all local files and packages
// that they import, to a few files of plain JavaScript.

import type { Message, Plugin } from 'esbuild'
import { dirname } from 'node:path'
import { isBuiltin } from 'node:module'
import { BuildError } from './build-error.ts'
import { findPackage, hasAddon, packageOf } from './packages.ts'

export interface BundleOptions {
  /** By the name of its output, without extension. */
  readonly entries: Readonly<Record<string, string>>
  readonly outdir: string
  /** Places are shown relative to it. */
  readonly root: string
  /** Packages that are not bundled, but copied. */
  readonly external: readonly string[]
}

export interface Bundle {
  /** Directories of the packages to copy. */
  readonly packages: readonly string[]
  /** What esbuild cannot follow, with its place. */
  readonly notes: readonly string[]
}

/** CommonJS that becomes part of a module needs these. */
const banner =
  "import { createRequire as tsgunCreateRequire } from 'node:module'\n" +
  "import { fileURLToPath as tsgunToPath } from 'node:url'\n" +
  'const require = tsgunCreateRequire(import.meta.url)\n' +
  'const tsgunFilename = tsgunToPath(import.meta.url)\n' +
  "const tsgunDirname = tsgunToPath(new URL('.', import.meta.url)).slice(0, -1)"

/** Messages of esbuild about what it leaves as it is. */
const dynamic = ['unsupported-require-call', 'unsupported-dynamic-import', 'indirect-require'] as const

/** Rejects with a BuildError. */
export async function bundle({ entries, outdir, root, external }: BundleOptions): Promise<Bundle> {
  const { build } = await import('esbuild')
  const packages = new Set<string>()
  try {
    const { warnings } = await build({
      entryPoints: Object.entries(entries).map(([name, file]) => ({ in: file, out: name })),
      outdir,
      absWorkingDir: root,
      outExtension: { '.js': '.mjs' },
      chunkNames: 'chunks/[name]-[hash]',
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      keepNames: true,
      sourcemap: true,
      legalComments: 'inline',
      banner: { js: banner },
      define: { __dirname: 'tsgunDirname', __filename: 'tsgunFilename' },
      logLevel: 'silent',
      logOverride: Object.fromEntries(dynamic.map((id) => [id, 'warning'])),
      plugins: [keepPackages(external, packages)],
    })
    return { packages: [...packages], notes: warnings.map(describe) }
  } catch (error) {
    const errors = errorsOf(error)
    if (errors === undefined) throw error
    throw new BuildError(errors.map(describe).join('\n'), { cause: error })
  }
}

/** Those of a failed build; undefined for any other error. */
function errorsOf(error: unknown): readonly Message[] | undefined {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors)
    ? (error.errors as readonly Message[]) // a BuildFailure of esbuild
    : undefined
}

function describe({ text, location }: Message): string {
  if (location === null) return text
  return `${location.file}:${location.line}: ${text} (${location.lineText.trim().slice(0, 80)})`
}

/** tsgun itself, packages with native addons, and those that were named stay packages. */
function keepPackages(external: readonly string[], packages: Set<string>): Plugin {
  const isKept = new Map<string, boolean>()
  const keeps = (name: string, directory: string): boolean => {
    const known = isKept.get(directory)
    if (known !== undefined) return known
    const kept = external.includes(name) || hasAddon(directory)
    isKept.set(directory, kept)
    return kept
  }
  return {
    name: 'tsgun packages',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, ({ path, importer, resolveDir }) => {
        if (isBuiltin(path)) return { path, external: true }
        if (path === 'tsgun' || path.startsWith('tsgun/')) return { path, external: true }
        const name = nameOf(path)
        const directory = findPackage(name, resolveDir === '' ? dirname(importer) : resolveDir)
        if (directory === undefined || packageOf(`${directory}/package.json`)?.name !== name) return undefined
        if (!keeps(name, directory)) return undefined
        packages.add(directory)
        return { path, external: true }
      })
    },
  }
}

function nameOf(specifier: string): string {
  const [scope = '', name = ''] = specifier.split('/')
  return scope.startsWith('@') ? `${scope}/${name}` : scope
}
