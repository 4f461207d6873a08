// Runs in `tsgun build`: the folder of a build, which runs with `node FOLDER`: the bundles in app/, packages
// in node_modules/, and index.js, which starts tsgun with them.

import { cpSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import type { LoadedConfig } from '../config/load.ts'
import { manifestName, type BuildManifest } from '../ipc/build-manifest.ts'
import { ownVersion } from '../ipc/home.ts'
import { ownPackage } from '../os/own-code.ts'
import { BuildError } from './problems/build-error.ts'
import { bundle } from './code/bundle.ts'
import { entriesOf } from './entry-places.ts'
import { entryModules } from './entries.ts'
import { copyIncluded, includedPaths } from './include.ts'
import { clientsOf } from './clients.ts'
import { copyPackages } from './packages/copier.ts'
import { findPackage, type Package } from './packages/find.ts'
import { KeptPackages } from './packages/kept.ts'

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

/** Not needed where everything is compiled already, or copied by itself. */
const notCopied = ['esbuild', 'esbuild-register', 'postject', 'redis', '@nats-io/transport-node']

const index = `// Made by tsgun build: node DIRECTORY [flags of tsgun], or node DIRECTORY ctl COMMAND
import { runBuilt } from './node_modules/tsgun/dist/cli/built.js'

process.exit(await runBuilt(import.meta.dirname, process.argv.slice(2)))
`

/** Rejects with a BuildError. */
export async function buildFolder(options: FolderOptions): Promise<BuiltFolder> {
  const { config, file, outdir, external, include } = options
  const root = realpathSync(dirname(file))
  const included = includedPaths(include, root)
  mkdirSync(outdir, { recursive: true })
  const { entries, modules, packages } = entriesOf(entryModules(config), root)
  const named = [...external, ...clientsOf(config)].map((name) => required(name, root))
  const kept = new KeptPackages()
  for (const each of [...packages, ...named]) kept.add(each)
  const configPath = config.codeFile === null ? basename(file) : 'server.config.mjs'
  if (config.codeFile !== null) entries.set(realpathSync(config.codeFile), configPath)
  const app = join(outdir, 'app')
  const isIncluded = (path: string): boolean =>
    included.some((each) => path === each || path.startsWith(each + sep))
  const notes = await bundle({ entries, outdir: app, root, kept, isIncluded })
  mkdirSync(app, { recursive: true })
  if (config.codeFile === null) cpSync(file, join(app, configPath))
  const copied = unique([...kept.imported, ...packages, ...named])
  const own = {
    name: 'tsgun',
    directory: ownPackage,
    only: ['bin', 'dist', 'package.json'],
    without: notCopied,
  }
  copyPackages(join(outdir, 'node_modules'), [own, ...copied])
  for (const path of included) copyIncluded(path, root, app)
  writeStart(outdir, { version: ownVersion(), config: `app/${configPath}`, modules })
  return { notes, packages: copied.map(({ name }) => name) }
}

function writeStart(outdir: string, manifest: BuildManifest): void {
  writeFileSync(join(outdir, manifestName), `${JSON.stringify(manifest, null, 2)}\n`)
  writeFileSync(join(outdir, 'package.json'), '{ "private": true, "type": "module", "main": "index.js" }\n')
  writeFileSync(join(outdir, 'index.js'), index)
}

function required(name: string, root: string): Package {
  const found = findPackage(name, root)
  if (found === undefined) throw new BuildError(`the package ${name} is not installed: npm install ${name}`)
  return found
}

function unique(packages: readonly Package[]): readonly Package[] {
  return [...new Map(packages.map((each) => [each.name, each])).values()].filter(
    ({ name }) => name !== 'tsgun',
  )
}
