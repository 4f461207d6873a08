// Runs in `tsgun build`: whether what is made may take its place, before it is made.

import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { manifestName } from '../ipc/build-manifest.ts'
import { hasCode } from '../os/error-code.ts'
import { BuildError } from './problems/build-error.ts'

/** Throws a BuildError for a folder with files of something else: it is not ours to empty. */
export function requireOwn(outdir: string): void {
  const found = statSync(outdir, { throwIfNoEntry: false })
  if (found?.isDirectory() === false)
    throw new BuildError(`--outdir: ${outdir} is a file; name a folder, or use --outfile`)
  const isOther = found && readdirSync(outdir).length > 0 && !existsSync(join(outdir, manifestName))
  if (isOther) throw new BuildError(`${outdir} has files of something else: name a new folder, or empty it`)
}

/** Throws a BuildError for a path at which no file can be made. */
export function requireFile(outfile: string): void {
  if (statSync(outfile, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new BuildError(`--outfile: ${outfile} is a directory; name a file, or use --outdir`)
  const directory = dirname(outfile)
  try {
    accessSync(directory, constants.W_OK)
  } catch (error) {
    const problem = hasCode(error, 'ENOENT') ? 'does not exist' : 'cannot be written'
    throw new BuildError(`--outfile: the directory ${directory} ${problem}`, { cause: error })
  }
}
