// Runs in `tsgun build`: runs this Node.js once, to its end.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Milliseconds. */
const patience = 300_000

export interface RunOptions {
  readonly directory?: string
  readonly environment?: NodeJS.ProcessEnv
  /** Another program. */
  readonly program?: string
}

/** Resolves with its output. Rejects with an Error that has its standard error. */
export async function runNode(
  words: readonly string[],
  { directory, environment = process.env, program = process.execPath }: RunOptions = {},
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, [...words], {
      cwd: directory,
      env: environment,
      timeout: patience,
    })
    return stdout
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
    throw new Error(output === '' ? String(error) : output, { cause: error })
  }
}
