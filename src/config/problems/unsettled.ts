// Runs in the arbiter: a config file or hook script whose promise never settles, for example because a vault
// does not respond. The load gets a time limit, and its end names the lines that may still wait.

import { readFileSync } from 'node:fs'
import { within } from '../../os/system/within.ts'
import { ConfigError } from './problem.ts'

/** A start ends with the exit code of a worker that does not boot in time. */
export class UnsettledConfig extends ConfigError {
  /** Of the command: `bootFailed` of ipc/exit-codes.ts. */
  override readonly exitCode = 3
}

export interface SettleOptions {
  /** Milliseconds; Infinity without a limit. Asked for when the load takes long. */
  readonly limit: () => number
  /** The files that the load has reached, the one by its name first. */
  readonly files: () => readonly string[]
}

/** Milliseconds. Most loads are done by then. */
const usual = 1000

const undecided: unique symbol = Symbol('undecided')

/** Resolves and rejects as `load` does; rejects with an UnsettledConfig when it does neither. */
export async function settled<Value>(load: Promise<Value>, options: SettleOptions): Promise<Value> {
  const { end, stop } = eventLoopEnd()
  const unsettled = (why: string): UnsettledConfig => describe(why, options.files())
  const raced = Promise.race([load, end.then(() => Promise.reject(unsettled('it never settles')))])
  const soon = (milliseconds: number): Promise<Value | typeof undecided> =>
    within<Value, typeof undecided>(raced, milliseconds, { late: undecided, unref: true })
  try {
    const first = await soon(usual)
    if (first !== undecided) return first
    const limit = options.limit()
    if (limit === Infinity) return await raced
    const last = await soon(Math.max(0, limit - usual))
    if (last !== undecided) return last
    throw unsettled(`it did not settle within boot_timeout, ${limit / 1000} s`)
  } finally {
    stop()
  }
}

/** Resolves when this process has nothing left to wait for, so that no promise can settle any more. */
function eventLoopEnd(): { readonly end: Promise<void>; readonly stop: () => void } {
  let onEnd = (): void => undefined
  const end = new Promise<void>((resolve) => {
    onEnd = resolve
  })
  process.on('beforeExit', onEnd)
  return { end, stop: () => void process.off('beforeExit', onEnd) }
}

/** Lines that a message names. */
const mostLines = 3

function describe(why: string, files: readonly string[]): UnsettledConfig {
  const [file = ''] = files
  const lines = files.flatMap(linesWithAwait)
  const shown = lines.slice(0, mostLines).join(', or ')
  const more = lines.length > mostLines ? `, or ${lines.length - mostLines} more lines` : ''
  const place = shown === '' ? 'the promise that it returns' : `${shown}${more}`
  return new UnsettledConfig([{ where: file, name: '', message: `${why}: it still waits for ${place}` }])
}

/** Each line with an `await` outside of comments, as `file:line (the line)`. */
function linesWithAwait(file: string): string[] {
  const code = readFileSync(file, 'utf8').replace(/\/\*[^]*?\*\/|(?<![:'"`])\/\/.*$/gm, (comment) =>
    comment.replace(/[^\n]/g, ' '),
  )
  return code.split('\n').flatMap((line, index) => {
    const text = line.trim()
    return /\bawait\b/.test(text) ? [`${file}:${index + 1} (${text.slice(0, 80)})`] : []
  })
}
