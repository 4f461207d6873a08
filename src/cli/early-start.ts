// Runs in the command `tsgun`, before the rest of it is loaded: starts the process of the first worker, so
// that Node starts there while this process loads the config.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isLostDirectory } from '../os/process/removed-directory.ts'
import { EarlyProcess } from '../os/process/early-process.ts'
import { openCounters } from '../os/system/shared-counters.ts'
import { earlyKinds, environmentNames, notForWorkers } from '../ipc/environment.ts'
import { programIn } from '../ipc/home.ts'
import { ownPackage } from '../os/own-code.ts'
import { activationVariables } from '../listen/activation.ts'
import { isCompiled } from '../modules/files/paths.ts'
import { isControl } from './control-words.ts'
import { subcommandOf } from './subcommands.ts'

export { endOnSignals } from '../os/process/first-process.ts'

const notInherited: readonly string[] = [...notForWorkers, ...activationVariables]

/** Flags and words with which no worker is started, or not by this process. */
const without: readonly string[] = [
  '-h',
  '--help',
  'help',
  '-v',
  '--version',
  'version',
  '--check-config',
  '--print-config',
  '-D',
  '--daemon',
]

/** Undefined when this command line starts no worker, or one that has to be started in another way. */
export function startEarly(
  words: readonly string[],
  process: Pick<NodeJS.Process, 'env' | 'execArgv' | 'cwd'>,
): EarlyProcess | undefined {
  if (words.some((word) => without.includes(word)) || isControl(words) || subcommandOf(words[0]))
    return undefined
  // Their meaning depends on the directory and the variables of the worker.
  if (process.execArgv.length > 0 || process.env['NODE_OPTIONS']) return undefined
  const directory = directoryOf(process)
  if (directory === undefined) return undefined
  const inherited = Object.entries(process.env).filter(([name]) => !notInherited.includes(name))
  const environment = {
    ...Object.fromEntries(inherited),
    [environmentNames.workerNr]: '0',
    [environmentNames.early]: hasTypeScript(words, directory) ? earlyKinds.typescript : earlyKinds.other,
  }
  return new EarlyProcess({
    entry: programIn(ownPackage, 'worker'),
    environment,
    nodeFlags: [],
    directory,
    counters: openCounters(),
    inherit: [],
    output: 'pipe',
  })
}

/** Undefined when it was removed, which the start reports. */
function directoryOf({ cwd }: Pick<NodeJS.Process, 'cwd'>): string | undefined {
  try {
    return cwd()
  } catch (error) {
    if (isLostDirectory(error)) return undefined
    throw error
  }
}

/** Whether a word of the command line, or a config that is found without one, is TypeScript. */
function hasTypeScript(words: readonly string[], directory: string): boolean {
  if (words.some((word) => isCompiled(word.split(':', 1)[0] ?? ''))) return true
  return ['ts', 'mts', 'cts'].some((extension) => existsSync(join(directory, `server.config.${extension}`)))
}
