// Runs in `tsgun build`: one file of Node.js, the beginning of the program (runtime/main.ts) and the packed
// folder, made by the means of the Node.js that runs the build, which becomes a part of the file.

import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ownPackage } from '../os/own-code.ts'
import { runNode } from '../os/process/run-node.ts'
import { BuildError } from './problems/build-error.ts'
import { findPackage } from './packages/find.ts'
import { pack } from './runtime/pack.ts'

/** Node's own (doc/api/single-executable-applications.md). */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'
const resource = 'NODE_SEA_BLOB'
const injectorPackage = 'postject'

/** The first version that writes the executable by itself. */
const withBuildSea = [25, 5] as const

const start =
  '// Starts a file of this folder from the embedded program, which cannot import files.\n' +
  'exports.run = (url) => void import(url)\n'

export interface ExecutableOptions {
  /** Absolute. */
  readonly outfile: string
  /** Of the program. */
  readonly name: string
  /** A directory for what is needed meanwhile, which the caller removes. */
  readonly work: string
}

/** Rejects with a BuildError. */
export async function buildExecutable(
  folder: string,
  { outfile, name, work }: ExecutableOptions,
): Promise<void> {
  if (process.platform !== 'linux')
    throw new BuildError(`--outfile makes executables for Linux only; on ${process.platform} use --outdir`)
  writeFileSync(join(folder, 'start.cjs'), start)
  const files = filesBelow(folder).map((path) => ({
    path: relative(folder, path),
    bytes: readFileSync(path),
  }))
  const packed = pack(files)
  const hash = createHash('sha256').update(packed).digest('hex').slice(0, 16)
  writeFileSync(join(work, 'pack'), packed)
  writeFileSync(join(work, 'name'), `tsgun-${name.replace(/[^\w.-]/g, '_')}-${hash}`)
  const made = join(work, 'made')
  const config = {
    main: join(ownPackage, 'dist/build/executable-main.cjs'),
    output: made,
    disableExperimentalSEAWarning: true,
    assets: { pack: join(work, 'pack'), name: join(work, 'name') },
  }
  writeFileSync(join(work, 'sea.json'), JSON.stringify(config))
  if (hasBuildSea()) await runNode(['--build-sea', join(work, 'sea.json')])
  else await inject(work, made)
  chmodSync(made, 0o755)
  copyFileSync(made, outfile)
}

function hasBuildSea(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > withBuildSea[0] || (major === withBuildSea[0] && minor >= withBuildSea[1])
}

/** Into a copy of this Node.js. `blob`: where Node writes what is injected; then the executable. */
async function inject(work: string, blob: string): Promise<void> {
  const injector = findInjector()
  await runNode(['--experimental-sea-config', join(work, 'sea.json')])
  const executable = join(work, 'node')
  copyFileSync(process.execPath, executable)
  chmodSync(executable, 0o755)
  // As a process of its own: it prints warnings of its library.
  await runNode([injector, executable, resource, blob, '--sentinel-fuse', fuse])
  renameSync(executable, blob)
}

/** The program that Node's documentation names for it, which only a build on these versions needs. */
function findInjector(): string {
  const found = [process.cwd(), ownPackage]
    .map((directory) => findPackage(injectorPackage, directory))
    .find((directory) => directory !== undefined)
  if (found !== undefined) return join(found.directory, 'dist/cli.js')
  throw new BuildError(
    `on Node.js ${process.version} a single executable needs the package ${injectorPackage}; run: ` +
      `npm install --save-dev ${injectorPackage} (Node.js 25.5 and later need none)`,
  )
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}
