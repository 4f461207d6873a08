// Runs in the arbiter: finds the Node.js that an upgrade starts, and asks it for its version.

import { execFile } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { versionVariable } from './own-program.ts'

/**
 * Returns the absolute path of a program: looked up in `path`, a list as in PATH, if the name has no slash.
 * Undefined when no such file can be executed.
 */
export function findProgram(program: string, directory: string, path: string): string | undefined {
  if (program.includes('/'))
    return isExecutable(resolve(directory, program)) ? resolve(directory, program) : undefined
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(resolve(directory, folder), program))
    .find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false // ENOENT or EACCES
  }
}

/** Milliseconds for `node --version`. */
const versionTimeout = 10_000

/**
 * Resolves with the output of `--version`, such as v22.1.0. Rejects with the reason when the program cannot
 * be run, or is not Node.js.
 */
export async function nodeVersion(executable: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await promisify(execFile)(executable, ['--version'], {
    env: { ...environment, [versionVariable]: '1' },
    timeout: versionTimeout,
  })
  const version = /^v\d+\.\d+\.\d+\S*/.exec(stdout)?.[0]
  if (version === undefined)
    throw new Error(`it is not Node.js: --version printed ${JSON.stringify(stdout.slice(0, 60))}`)
  return version
}
