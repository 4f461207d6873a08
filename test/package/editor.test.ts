// What a user reads while writing a config: the texts of the tables, in the types as built.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import ts from 'typescript'
import { hookNames, hookTable } from '../../src/config/hooks/table.ts'
import { hookText, partText, settingText, showText, type Text } from '../../src/config/schema/texts.ts'
import type { Parts, Setting } from '../../src/config/settings/row.ts'
import { settingNames, settings } from '../../src/config/settings/table.ts'
import { cursor, openEditor } from '../helpers/editor.ts'
import { createProject } from '../helpers/tsgun.ts'

const ends: (() => Promise<void>)[] = []
after(async () => {
  for (const end of ends) await end()
})
const project = createProject({ after: (step) => void ends.push(step) }, {}, ['@types/node'])
const editor = openEditor(project, {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  types: ['node'],
  strict: true,
  allowJs: true,
  checkJs: true,
})

type Form = readonly [file: string, write: (body: string) => string]

const own = `import { defineConfig } from 'tsgun'\n`
const typed = `import type { Config } from 'tsgun'\n`
const inJavaScript = `/** @type {import('tsgun').Config} */\n`

/** The ways to write a config. */
const forms: Readonly<Record<string, Form>> = {
  'defineConfig({})': ['server.config.ts', (body) => `${own}export default defineConfig({ ${body} })`],
  'defineConfig(() => ({}))': ['f.ts', (body) => `${own}export default defineConfig(() => ({ ${body} }))`],
  'defineConfig(async () => ({}))': [
    'async.ts',
    (body) => `${own}export default defineConfig(async () => ({ ${body} }))`,
  ],
  'defineConfig(async () => { return {} })': [
    'block.ts',
    (body) => `${own}export default defineConfig(async () => { await null; return { ${body} } })`,
  ],
  'satisfies Config': ['satisfies.ts', (body) => `${typed}export default { ${body} } satisfies Config`],
  'const config: Config': ['const.ts', (body) => `${typed}export const config: Config = { ${body} }`],
  'JavaScript with defineConfig': ['own.js', (body) => `${own}export default defineConfig({ ${body} })`],
  'JavaScript with a comment': ['server.config.js', (body) => `${inJavaScript}export default { ${body} }`],
  'CommonJS with a comment': [
    'server.config.cjs',
    (body) => `${inJavaScript}const config = { ${body} }\nmodule.exports = config`,
  ],
}
const [, write] = forms['defineConfig({})'] as Form // it is in the table

function shown(text: Text): string {
  return showText(text).replace(/\s+/g, ' ')
}

const settingTexts = settingNames.map((name) => [name, shown(settingText(settings[name]))] as const)
const hookTexts = hookNames.map((name) => [name, shown(hookText(name))] as const)

for (const [title, [file, write]] of Object.entries(forms)) {
  test(`${title}: the names that are offered are the settings and hooks, each with its text`, () => {
    editor.open(file, write(cursor))
    const offered = editor.complete()
    for (const [name, text] of [...settingTexts, ...hookTexts]) assert.equal(offered.get(name), text, name)
    if (file.endsWith('.ts')) assert.equal(offered.size, settingNames.length + hookNames.length)
  })

  test(`${title}: hovering over a setting and over a hook shows its text`, () => {
    // With the value of one setting an editor sees that this is the config and not the function.
    const body = [...settingNames, ...hookNames].map(
      (name) => `\n${name}: ${name === 'app' ? '"x"' : undefined}`,
    )
    editor.open(file, write(body.join()))
    for (const [name, text] of [...settingTexts, ...hookTexts]) {
      const hover = editor.hover(name)
      assert.equal(hover.text, text)
      assert.match(hover.declaration, new RegExp(`^\\((property|method)\\) .*\\b${name}\\?`))
      assert.doesNotMatch(hover.declaration, /\bany\b/)
    }
  })

  test(`${title}: the arguments of hooks have their types, and nothing is underlined`, () => {
    const named = hookNames.flatMap((hook) => hookTable[hook].arguments.map((name) => `${hook}_${name}`))
    const hooks = hookNames.map((hook) => {
      const names = named.filter((name) => name.startsWith(`${hook}_`))
      const body = hook === 'ssl_context' ? `return ${names[1] ?? ''}()` : ''
      return `${hook}(\n${names.join(',\n')}\n) { ${body} }`
    })
    editor.open(file, write(hooks.join()))
    assert.deepEqual(editor.errors(), [])
    for (const name of named)
      assert.match(editor.hover(name).declaration, new RegExp(`^\\(parameter\\) ${name}: (?!any\\b)`))
  })
}

test('a text of a setting has the unit of its numbers and its default', () => {
  const rows = new Map(settingTexts)
  assert.match(rows.get('timeout') ?? '', /value: seconds, .* default: `30`/)
  for (const name of settingNames) {
    const { unit }: Setting = settings[name]
    const text = rows.get(name) ?? ''
    if (unit === 'seconds' || unit === 'bytes') assert.match(text, new RegExp(`value: .*${unit}`))
    assert.match(text, /default: `/)
  }
})

interface Place {
  /** `log_rotation: { … }` */
  readonly write: (body: string) => string
  readonly parts: Parts
}

/** The objects in a setting. */
function places({ write, parts }: Place): Place[] {
  const inner = Object.entries(parts).flatMap(([name, part]) =>
    places({
      write: (body) => write(`${name === '*' ? 'any' : name}: { ${body} }`),
      parts: part.parts ?? {},
    }),
  )
  const named = Object.keys(parts).filter((name) => name !== '*')
  return named.length === 0 ? inner : [{ write, parts }, ...inner]
}

const allPlaces = settingNames.flatMap((name) => {
  const { parts = {} }: Setting = settings[name]
  return places({ write: (body) => `${name}: { ${body} }`, parts })
})

for (const { write: writeParts, parts } of allPlaces) {
  test(`${writeParts('…')}: a part has its text when it is offered and when it is there`, () => {
    const texts = Object.entries(parts).map(([name, part]) => [name, shown(partText(part))] as const)
    editor.open('server.config.ts', write(writeParts(cursor)))
    assert.deepEqual([...editor.complete()].sort(), texts.toSorted())
    const body = texts.map(([name]) => `\n${name}: null as never`)
    editor.open('server.config.ts', write(writeParts(body.join())))
    for (const [name, text] of texts) assert.equal(editor.hover(name).text, text)
  })
}

test('the objects in settings are those of logs, acme, tasks, services and schedules', () => {
  // of three logs, the rotation, what is redacted, acme, tasks, services with two and three logs inside,
  // schedules with two logs inside
  assert.equal(allPlaces.length, 3 * 2 + 1 + 1 + 1 + 1 + (3 + 3 * 2) + (1 + 2 * 2))
})

test('words that a setting accepts are offered', () => {
  for (const [setting, words] of [
    ['loglevel', ['trace', 'debug', 'info', 'warn', 'error', 'fatal']],
    ['log_format', ['json', 'text']],
    ['workers', ['auto']],
    ['worker_class', ['async', 'sync', 'threads']],
    ['reload', ['poll']],
  ] as const) {
    editor.open('server.config.ts', write(`${setting}: '${cursor}'`))
    const offered = [...editor.complete().keys()]
    assert.deepEqual(offered.sort(), [...words].sort(), setting)
  }
})

test('settings have their texts where hooks read them', () => {
  editor.open('server.config.ts', write('on_starting(server) { console.log(server.settings.\ntimeout) }'))
  assert.deepEqual(editor.errors(), [])
  const { declaration, text } = editor.hover('timeout')
  assert.equal(declaration, '(property) Settings.timeout: number')
  assert.equal(text, new Map(settingTexts).get('timeout'))
  editor.open('server.config.ts', write(`on_starting(server) { server.settings.${cursor} }`))
  assert.equal(editor.complete().size, settingNames.length)
})

test('a mistake is one sentence that names it', () => {
  const mistakes = [
    [`wrkers: 2`, /'wrkers' does not exist in type 'ConfigExport'. Did you mean .*workers/],
    [`timeout: '30s'`, /^Type 'string' is not assignable to type 'number'/],
    [`loglevel: 'warning'`, /^Type '"warning"' is not assignable to type/],
  ] as const
  for (const [body, expected] of mistakes) {
    editor.open('server.config.ts', write(body))
    const [error = '', ...others] = editor.errors()
    assert.match(error, expected)
    assert.deepEqual(others, [])
  }
})
