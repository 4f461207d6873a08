// Any process: the program that it runs, which is Node.js, or a single executable that `tsgun build` has
// made. Such a file always starts at its own beginning (build/runtime/main.ts), and takes the path of one of
// its modules as what to run.

import { readlinkSync } from 'node:fs'

/** Set at the beginning of a single executable. */
export const executableMark = Symbol.for('tsgun.executable')

/** With this variable a single executable prints the version of its Node.js, as `node --version` does. */
export const versionVariable = 'TSGUN_NODE_VERSION'

export function isSingleExecutable(): boolean {
  return Reflect.get(globalThis, executableMark) === true
}

/** The path of the file of this program. */
export function ownExecutable(): string {
  // process.execPath is /proc/self/exe there
  return isSingleExecutable() ? readlinkSync('/proc/self/exe').replace(/ \(deleted\)$/, '') : process.execPath
}

export interface ProgramCall {
  readonly words: readonly string[]
  readonly environment: NodeJS.ProcessEnv
}

/** How a process of this program is started that runs a module with flags of Node.js. */
export function callWith(
  nodeFlags: readonly string[],
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): ProgramCall {
  if (!isSingleExecutable() || nodeFlags.length === 0) return { words: [...nodeFlags, ...words], environment }
  // A single executable takes all its words for itself.
  const options = [environment['NODE_OPTIONS'] ?? '', ...nodeFlags.map(quoted)].filter((text) => text !== '')
  return { words, environment: { ...environment, NODE_OPTIONS: options.join(' ') } }
}

function quoted(flag: string): string {
  return /[\s"\\]/.test(flag) ? `"${flag.replace(/["\\]/g, '\\$&')}"` : flag
}
