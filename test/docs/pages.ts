// The pages of docs/ that are made from tables of the source, and the parts of pages that are. `npm run docs` writes them;
// test/unit/docs/pages.test.ts fails when what is committed differs.

import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { exitCodesPage } from './exit-codes-page.ts'
import { fillLoggingPage } from './logging-page.ts'
import { settingsPage } from './settings-page.ts'

export const docsFolder = resolve(import.meta.dirname, '../../docs')

export interface Page {
  /** In docs/. */
  readonly file: string
  readonly text: string
}

export async function generatedPages(): Promise<Page[]> {
  const logging = await fillLoggingPage(readFileSync(join(docsFolder, 'logging.md'), 'utf8'))
  return [
    { file: 'settings.md', text: settingsPage() },
    { file: 'exit-codes.md', text: exitCodesPage() },
    { file: 'logging.md', text: logging },
    ...(await pageOf('hooks.md', 'hooks-page.ts', 'hooksPage')),
    ...(await pageOf('signals.md', 'signals-page.ts', 'signalsPage')),
  ]
}

/** A page whose maker is a module of its own in this folder, if it is there. */
async function pageOf(file: string, module: string, maker: string): Promise<Page[]> {
  const path = join(import.meta.dirname, module)
  if (!existsSync(path)) return []
  const exports = (await import(pathToFileURL(path).href)) as Readonly<Record<string, () => string | Promise<string>>> // our own modules: each exports its maker
  const make = exports[maker]
  if (make === undefined) throw new Error(`${path} exports no ${maker}()`)
  return [{ file, text: await make() }]
}
