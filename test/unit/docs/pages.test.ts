// What docs/ says of the tables in the source is what they say, and the tables say nothing that docs/ leaves
// out.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { test } from 'node:test'
import type { Setting } from '../../../src/config/settings/row.ts'
import { settingNames, settings } from '../../../src/config/settings/table.ts'
import { environmentNames } from '../../../src/ipc/environment.ts'
import { docsFolder, generatedFiles } from '../../docs/pages.ts'

for (const { file, text } of await generatedFiles()) {
  test(`${normalize(`docs/${file}`)} says what its table says (otherwise: npm run docs)`, () => {
    assert.equal(readFileSync(join(docsFolder, file), 'utf8'), text)
  })
}

/** Set by tsgun for its own processes; not for users. */
const internal: readonly string[] = [
  environmentNames.buildCheck,
  environmentNames.daemonized,
  environmentNames.early,
  environmentNames.upgrade,
]

test(
  'docs/reference/environment.md has each environment variable that a user may set or read, and none that ' +
    'is internal',
  () => {
    const page = readFileSync(join(docsFolder, 'reference/environment.md'), 'utf8')
    const terms = [...page.matchAll(/^- (`.*?):/gm)].map(([, term = '']) => term)
    const listed = terms.flatMap((term) => [...term.matchAll(/`(\w+)`/g)].map(([, name = '']) => name))
    const ofSettings = settingNames.flatMap((name) => (settings[name] as Setting).variable ?? [])
    const expected = [...Object.values(environmentNames), ...ofSettings].filter(
      (name) => !internal.includes(name),
    )
    for (const name of expected)
      assert.ok(listed.includes(name), `docs/reference/environment.md has no entry for ${name}`)
    for (const name of internal) assert.ok(!page.includes(name), `${name} is internal`)
  },
)
