// The pages of docs/ that are made from tables of the source, the parts of pages that are, and the types that
// show the texts of the tables in editors. `npm run docs` writes them; test/unit/docs/pages.test.ts fails
// when what is committed differs.

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { fillControlApiPage, fillControlPage } from './control-page.ts'
import { exitCodesPage } from './exit-codes-page.ts'
import { hooksPage } from './hooks-page.ts'
import { hooksTypes } from './hooks-types.ts'
import { fillLogFieldsPage } from './log-fields-page.ts'
import { fillGunicornPage, fillPm2Page } from './migrate-pages.ts'
import { settingsPage } from './settings-page.ts'
import { checkedTypes, inputTypes } from './settings-types.ts'
import { signalsPage } from './signals-page.ts'

export const docsFolder = resolve(import.meta.dirname, '../../docs')

export interface GeneratedFile {
  /** From docs/. */
  readonly file: string
  readonly text: string
}

/** Each file with how it is made; a function with an argument fills the lists of a page written by hand. */
const makers: Readonly<Record<string, (page: string) => string>> = {
  '../src/config/settings/input.ts': inputTypes,
  '../src/config/settings/checked.ts': checkedTypes,
  '../src/config/hooks/signatures.ts': hooksTypes,
  'reference/settings.md': settingsPage,
  'reference/hooks.md': hooksPage,
  'reference/signals.md': signalsPage,
  'reference/exit-codes.md': exitCodesPage,
  'reference/log-fields.md': fillLogFieldsPage,
  'reference/control-api.md': fillControlApiPage,
  'run/control.md': fillControlPage,
  'migrate/from-gunicorn.md': fillGunicornPage,
  'migrate/from-pm2.md': fillPm2Page,
}

export async function generatedFiles(): Promise<GeneratedFile[]> {
  const files = Object.entries(makers).map(async ([file, make]) => {
    const filepath = join(docsFolder, file)
    const text = make(readFileSync(filepath, 'utf8'))
    return { file, text: await format(text, { ...(await resolveConfig(filepath)), filepath }) }
  })
  return Promise.all(files)
}
