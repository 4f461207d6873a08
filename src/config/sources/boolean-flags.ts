// Command line and TSGUN_CMD_ARGS: flags that are true or false may stand alone. commander would take the
// word after `--daemon`, which may well be the app, for its value; so a flag that stands alone gets `=true`
// before commander sees it.

import type { Setting } from '../settings/row.ts'
import { settingNames, settings } from '../settings/table.ts'

/** The words with a value for each boolean flag. */
export function completeBooleanFlags(words: readonly string[]): string[] {
  const flags = booleanFlags()
  const end = words.indexOf('--')
  return words.map((word, index) => {
    const long = flags.get(word)
    if (long === undefined || (end !== -1 && index > end)) return word
    return /^(true|false)$/.test(words[index + 1] ?? '') ? word : `${long}=true`
  })
}

/** Each way to write a boolean flag, with its long form. */
function booleanFlags(): ReadonlyMap<string, string> {
  return new Map(
    settingNames.flatMap((name) => {
      const { text, flag = '' }: Setting = settings[name]
      const forms = text === 'flag' ? (flag.match(/--?[a-z-]+/gi) ?? []) : []
      return forms.map((form) => [form, forms.at(-1) ?? form] as const)
    }),
  )
}
