// The entry of a program that `tsgun build` has made: the commands tsgun and tsgunctl with its config and its
// modules.

import { dirname } from 'node:path'
import { readBuild } from '../ipc/build-manifest.ts'
import { isSingleExecutable, ownExecutable } from '../os/process/own-program.ts'
import { endOnSignals, startEarly } from './early-start.ts'

/** `directory`: of the build. Resolves with the exit code. */
export async function runBuilt(directory: string, words: readonly string[]): Promise<number> {
  const gate = endOnSignals(process)
  const built = readBuild(directory, isSingleExecutable() ? dirname(ownExecutable()) : directory)
  if (words[0] === 'ctl') {
    process.stdout.on('error', () => process.exit(0)) // the reader has exited
    const { main } = await import('./tsgunctl.ts')
    return main(words.slice(1), built)
  }
  const early = startEarly(words, process)
  const { main } = await import('./main.ts')
  return main(words, { early, gate, built })
}
