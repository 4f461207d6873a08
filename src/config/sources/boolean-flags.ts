// Command line and TSGUN_CMD_ARGS: boolean flags may be given without a value. commander would read the next
// word, which may be the app, as the value of `--daemon`; so a flag without a value gets `=true` first.

import type { Setting } from '../settings/row.ts'
import { settingNames, settings } from '../settings/table.ts'

/** Returns the words with `=true` added to boolean flags without a value. */
export function completeBooleanFlags(words: readonly string[]): string[] {
  const flags = booleanFlags()
  const end = words.indexOf('--')
  return words.map((word, index) => {
    const long = flags.get(word)
    if (long === undefined || (end !== -1 && index > end)) return word
    return /^(true|false)$/.test(words[index + 1] ?? '') ? word : `${long}=true`
  })
}

/** The short and long form of each boolean flag, mapped to the long form. */
function booleanFlags(): ReadonlyMap<string, string> {
  return new Map(
    settingNames.flatMap((name) => {
      const { text, flag = '' }: Setting = settings[name]
      const forms = text === 'flag' ? (flag.match(/--?[a-z-]+/gi) ?? []) : []
      return forms.map((form) => [form, forms.at(-1) ?? form] as const)
    }),
  )
}
