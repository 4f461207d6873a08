// The pages of docs/ that are made from tables of the source, and the parts of pages that are. `npm run docs`
// writes them; test/unit/docs/pages.test.ts fails when what is committed differs.

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fillControlPage } from './control-page.ts'
import { exitCodesPage } from './exit-codes-page.ts'
import { hooksPage } from './hooks-page.ts'
import { fillLoggingPage } from './logging-page.ts'
import { settingsPage } from './settings-page.ts'
import { signalsPage } from './signals-page.ts'

export const docsFolder = resolve(import.meta.dirname, '../../docs')

export interface Page {
  /** In docs/. */
  readonly file: string
  readonly text: string
}

export async function generatedPages(): Promise<Page[]> {
  const logging = await fillLoggingPage(readFileSync(join(docsFolder, 'run/logs.md'), 'utf8'))
  const control = await fillControlPage(readFileSync(join(docsFolder, 'run/control.md'), 'utf8'))
  return [
    { file: 'reference/settings.md', text: settingsPage() },
    { file: 'reference/exit-codes.md', text: exitCodesPage() },
    { file: 'run/logs.md', text: logging },
    { file: 'run/control.md', text: control },
    { file: 'reference/hooks.md', text: hooksPage() },
    { file: 'reference/signals.md', text: signalsPage() },
  ]
}
