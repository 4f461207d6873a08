// docs/migrate/from-gunicorn.md answers for each setting of gunicorn; the names are those of gunicorn 26's
// own table.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { hookTable, hookNames } from '../../../src/config/hooks/table.ts'
import { createCommand } from '../../../src/config/sources/flags.ts'
import type { Setting } from '../../../src/config/settings/row.ts'
import { settingNames, settings } from '../../../src/config/settings/table.ts'
import { docsFolder } from '../../docs/pages.ts'
import { repository } from '../../helpers/tsgun.ts'

const page = readFileSync(join(docsFolder, 'migrate/from-gunicorn.md'), 'utf8')
const answers = [...page.matchAll(/^- `(\w+)` \((\w+)\)(?:: (.*))?$/gm)].map(
  ([, name = '', answer = '', text = '']) => ({
    name,
    answer,
    text,
  }),
)
const gunicorn = readFileSync(join(repository, 'test/fixtures/gunicorn-settings.tsv'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('\t'))
  .map(([name = '', flags = '']) => ({ name, flags: flags.split(' ').filter((flag) => flag !== '') }))

/** What this version has and calls: settings, and hooks that are not pending. */
const present: readonly string[] = [
  ...settingNames,
  ...hookNames.filter((name) => !('pending' in hookTable[name])),
]

test('each of the 119 settings of gunicorn has one answer', () => {
  assert.equal(gunicorn.length, 119)
  assert.deepEqual(
    answers.map(({ name }) => name),
    gunicorn.map(({ name }) => name),
  )
})

test('an answer is same, adapted, later or absent, and whatever is not the same says how or why', () => {
  for (const { name, answer, text } of answers) {
    assert.ok(['same', 'adapted', 'later', 'absent'].includes(answer), `${name}: ${answer}`)
    if (answer === 'adapted' || answer === 'absent') assert.notEqual(text, '', name)
  }
})

test('what is the same exists here under that name, and what is later or absent does not', () => {
  for (const { name, answer } of answers) {
    if (answer === 'same') assert.ok(present.includes(name), `${name} is said to be the same`)
    if (answer === 'later' || answer === 'absent')
      assert.ok(!present.includes(name), `${name} is said to be ${answer}`)
  }
})

test('the counts at the top of the page are those of its lists', () => {
  for (const answer of ['same', 'adapted', 'later', 'absent']) {
    const count = answers.filter((each) => each.answer === answer).length
    assert.match(page, new RegExp(`\\*\\*${answer}\\*\\*\\s\\(${count}\\b`))
  }
})

test('a setting that is the same has the flags of gunicorn, but for those that the page names', () => {
  const known = createCommand().options.flatMap(({ short, long }) => [short, long])
  for (const { name, answer } of answers.filter(({ answer }) => answer === 'same')) {
    const row: Setting | undefined = settingNames.includes(name as never)
      ? settings[name as keyof typeof settings]
      : undefined // asked just now
    if (row === undefined) continue
    const missing =
      gunicorn.find((each) => each.name === name)?.flags.filter((flag) => !known.includes(flag)) ?? []
    for (const flag of missing)
      assert.ok(
        page.includes(`\`${flag} `),
        `${answer} ${name} has no flag ${flag}, and the page does not say so`,
      )
  }
})
