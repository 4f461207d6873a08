// Runs in `tsgun build`: makes the folder or the file, tries it, and moves it to its place.

import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { buildExecutable } from './executable.ts'
import { buildFolder, type FolderOptions } from './folder.ts'
import { onInterrupt } from './interrupt.ts'
import { requireFile, requireOwn } from './target.ts'
import { tryMade } from './try-made.ts'

export interface MakeOptions extends Omit<FolderOptions, 'outdir'> {
  /** Absolute. */
  readonly target: string
  /** An executable, not a folder. */
  readonly isFile: boolean
  readonly checks: boolean
}

/** What was at the target stays when the build fails, or is interrupted. */
export async function make({ target, isFile, checks, ...options }: MakeOptions): Promise<void> {
  if (isFile) requireFile(target)
  else requireOwn(target)
  const temporary = mkdtempSync(join(tmpdir(), 'tsgun-folder-'))
  const made = `${target}.${process.pid}`
  const discard = (): void => {
    for (const path of [temporary, made]) rmSync(path, { recursive: true, force: true })
  }
  const stopWatching = onInterrupt(discard)
  try {
    const outdir = isFile ? join(temporary, 'folder') : made
    const { notes, packages } = await buildFolder({ ...options, outdir })
    for (const note of notes) process.stderr.write(`not bundled: ${note}\n`)
    if (packages.length > 0) process.stdout.write(`copied as packages: ${packages.join(', ')}\n`)
    if (isFile) await buildExecutable(outdir, { outfile: made, name: basename(target), work: temporary })
    const program = isFile ? { program: made, words: [] } : { program: process.execPath, words: [made] }
    if (checks) await tryMade(program, mkdtempSync(join(temporary, 'check-')))
    if (!isFile) rmSync(target, { recursive: true, force: true })
    renameSync(made, target)
  } finally {
    stopWatching()
    discard()
  }
}
