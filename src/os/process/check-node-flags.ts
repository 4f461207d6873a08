// Runs in the arbiter: asks Node.js whether it accepts flags, before a worker is started with them.

import { execFile } from 'node:child_process'
import { hasCode } from '../error-code.ts'
import { callWith, isSingleExecutable, versionVariable } from './own-program.ts'

/** Node refuses it by name, which shows that it has read all flags before it. */
const end = '--tsgun-end-of-flags'
/** Milliseconds. */
const patience = 10_000

/**
 * Resolves with the words of Node.js about what it refuses; undefined if it accepts all. Nothing is run or
 * preloaded: with `--version`, Node only reads its flags.
 */
export function refusedByNode(flags: readonly string[]): Promise<string | undefined> {
  const plain: NodeJS.ProcessEnv = { ...process.env, [versionVariable]: '1' }
  delete plain['NODE_OPTIONS']
  const isOwn = isSingleExecutable()
  const { words, environment } = isOwn
    ? callWith(flags, ['--version'], plain)
    : { words: ['--version', ...flags, end], environment: plain }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, words, { env: environment, timeout: patience }, (error, _stdout, stderr) => {
      if (error === null) resolve(isOwn ? undefined : 'it takes one of them for a script to run')
      else if (typeof error.code !== 'number' || hasCode(error, 'ETIMEDOUT')) reject(error)
      else resolve(refusalIn(stderr))
    })
  })
}

function refusalIn(stderr: string): string | undefined {
  const lines = stderr.split('\n').map((line) => line.replace(`${process.execPath}: `, '').trim())
  const refusals = lines.filter(
    (line) => line !== '' && !line.includes(end) && !line.startsWith('Try --help'),
  )
  return refusals.length === 0 ? undefined : refusals.join('; ')
}
