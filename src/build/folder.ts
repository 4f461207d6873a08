// Runs in `tsgun build`: the folder of a build, which runs with `node FOLDER`: the bundles in app/, packages
// in node_modules/, and index.js, which starts tsgun with them.

import { cpSync, existsSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, extname, isAbsolute, join, relative, resolve } from 'node:path'
import type { LoadedConfig } from '../config/load.ts'
import { getTsconfig } from 'get-tsconfig'
import { manifestName, type BuildManifest } from '../ipc/build-manifest.ts'
import { ownVersion } from '../ipc/home.ts'
import { ownPackage } from '../os/own-code.ts'
import { BuildError } from './build-error.ts'
import { bundle } from './bundle.ts'
import { entryModules } from './entries.ts'
import { PackageCopier } from './packages.ts'

export interface FolderOptions {
  readonly config: LoadedConfig
  /** The config file. */
  readonly file: string
  readonly outdir: string
  readonly external: readonly string[]
  /** Files and folders that the app reads, relative to the directory of the config. */
  readonly include: readonly string[]
}

export interface BuiltFolder {
  readonly notes: readonly string[]
  /** Packages that are copied, besides those of tsgun. */
  readonly packages: readonly string[]
}

/** Not needed where everything is compiled already. */
const compilers = ['esbuild', 'esbuild-register']

const index = `// Made by tsgun build: node DIRECTORY [flags of tsgun], or node DIRECTORY ctl COMMAND
import { runBuilt } from './node_modules/tsgun/dist/cli/built.js'

process.exit(await runBuilt(import.meta.dirname, process.argv.slice(2)))
`

/** Rejects with a BuildError. */
export async function buildFolder(options: FolderOptions): Promise<BuiltFolder> {
  const { config, file, outdir, external, include } = options
  const root = realpathSync(dirname(file))
  mkdirSync(outdir, { recursive: true })
  const modules = entryModules(config)
  const names = new Map(modules.map(({ module }, index) => [module, `module-${index + 1}`]))
  const entries = {
    ...Object.fromEntries(modules.map(({ module, file }) => [names.get(module) ?? '', file])),
    ...(config.codeFile === null ? {} : { config: config.codeFile }),
  }
  const configFile = config.codeFile === null ? `config${extname(file)}` : 'config.mjs'
  const { packages, notes } = await bundle({
    entries,
    outdir: join(outdir, 'app'),
    root,
    external,
  })
  if (config.codeFile === null) cpSync(file, join(outdir, 'app', configFile))
  const own = new PackageCopier(join(outdir, 'node_modules'), compilers)
  own.copy(ownPackage, ['bin', 'dist', 'package.json'])
  const copier = new PackageCopier(join(outdir, 'node_modules'), compilers)
  for (const directory of packages) copier.copy(directory)
  for (const path of include) copyIncluded(path, root, join(outdir, 'app'))
  const manifest: BuildManifest = {
    version: ownVersion(),
    config: `app/${configFile}`,
    modules: Object.fromEntries([...names].map(([module, name]) => [module, `app/${name}.mjs`])),
  }
  writeFileSync(join(outdir, manifestName), `${JSON.stringify(manifest, null, 2)}\n`)
  writeFileSync(join(outdir, 'package.json'), '{ "private": true, "type": "module", "main": "index.js" }\n')
  writeFileSync(join(outdir, 'index.js'), index)
  return { notes: [...notes, ...metadataNote(root)], packages: copier.names }
}

/** Decorators of Nest, TypeORM and others read it. */
function metadataNote(root: string): readonly string[] {
  const found = getTsconfig(root)
  if (found?.config.compilerOptions?.emitDecoratorMetadata !== true) return []
  return [
    `${found.path}: emitDecoratorMetadata: a bundle has no metadata of decorators; compile the app ` +
      'with tsc first, and name the files that it writes',
  ]
}

/** Throws a BuildError for a folder with files of something else: it is not ours to empty. */
export function requireOwn(outdir: string): void {
  const isOther =
    existsSync(outdir) && readdirSync(outdir).length > 0 && !existsSync(join(outdir, manifestName))
  if (isOther) throw new BuildError(`${outdir} has files of something else: name a new folder, or empty it`)
}

function copyIncluded(path: string, root: string, target: string): void {
  const from = resolve(root, path)
  const inside = relative(root, from)
  if (inside.startsWith('..') || isAbsolute(inside))
    throw new BuildError(`--include ${path}: expected a path below ${root}`)
  if (!existsSync(from)) throw new BuildError(`--include ${path}: there is no such file or folder`)
  cpSync(from, join(target, inside), { recursive: true, dereference: true })
}
