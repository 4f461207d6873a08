// Runs in `tsgun migrate`: `pm2 start app.js -i max --name shop` as the app of an ecosystem file. Pure.

import { isFlagWithValue, pm2FlagFields } from './pm2-flags.ts'

export interface Pm2Command {
  /** The ecosystem file that it names. */
  readonly file: string | undefined
  readonly app: Readonly<Record<string, unknown>>
}

/** `words`: behind `pm2` or `pm2-runtime`. */
export function readPm2Command(words: readonly string[]): Pm2Command {
  const app: Record<string, unknown> = {}
  const operands: string[] = []
  const end = words.includes('--') ? words.indexOf('--') : words.length
  for (let index = 0; index < end; index += 1) {
    const word = words[index] ?? ''
    if (!word.startsWith('-')) {
      operands.push(word)
      continue
    }
    const [flag = '', inline] = word.split(/=(.*)/s)
    const field = pm2FlagFields[flag]
    const value = inline ?? (isFlagWithValue(flag) ? words[(index += 1)] : true)
    if (field !== undefined) app[field] = value
  }
  const [script] = operands.filter(
    (word) => !/^(?:start|restart|reload|startOrReload|startOrRestart)$/.test(word),
  )
  if (end < words.length) app['args'] = words.slice(end + 1)
  if (script === undefined) return { file: undefined, app }
  return /\.config\.[cm]?js$|\.json$|\.ya?ml$/.test(script)
    ? { file: script, app }
    : { file: undefined, app: { ...app, script } }
}
