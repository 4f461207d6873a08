import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { z } from 'zod'
import { hookNames, hookTable } from '../../../../src/config/hooks/table.ts'
import { configSchema, type Schema } from '../../../../src/config/schema/json-schema.ts'
import type { Part, Parts, Setting } from '../../../../src/config/settings/row.ts'
import { settingNames, settings } from '../../../../src/config/settings/table.ts'

const schema = configSchema()
// zod reads the schema back, as an editor does.
const validator = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])

test('the JSON schema has every setting and hook with its text, and nothing else', () => {
  assert.deepEqual(Object.keys(schema.properties).sort(), ['$schema', ...settingNames, ...hookNames].sort())
  for (const name of settingNames) {
    const row: Setting = settings[name]
    const { description = '', default: value } = schema.properties[name] ?? {}
    assert.ok(description.startsWith(`${row.doc}\n\n- value: ${row.expects}`), description)
    assert.match(description, /\n- default: `/)
    assert.deepEqual(value, typeof row.default === 'function' ? undefined : row.default)
  }
  for (const name of hookNames) {
    const { description = '' } = schema.properties[name] ?? {}
    assert.ok(description.startsWith(hookTable[name].when), description)
    assert.match(description, /name that module in `hooks`/)
  }
  assert.equal(schema['additionalProperties'], false)
})

/** Every object in a schema with the parts of its row. */
function objectsIn(part: Schema, parts: Parts): readonly (readonly [Schema, Part | undefined])[] {
  const own = Object.entries(part.properties ?? {}).map(([name, each]) => [each, parts[name]] as const)
  const others = part.additionalProperties
  const any = typeof others === 'object' ? [[others, parts['*']] as const] : []
  const inner = [...own, ...any].flatMap(([each, row]) => objectsIn(each, row?.parts ?? {}))
  return [...own, ...any, ...inner, ...(part.anyOf ?? []).flatMap((each) => objectsIn(each, parts))]
}

test('every part of a setting that is an object has its text, its default and no part without a row', () => {
  const found = settingNames.flatMap((name) => {
    const row: Setting = settings[name]
    return objectsIn(schema.properties[name] ?? {}, row.parts ?? {})
  })
  // 7 of acme, 1 of env, 1 of secure_scheme_headers, 1 and 7 of tasks, 1 and 69 of services, 1 and
  // 17 of schedules, 6 of log_rotation, 3 of log_redact,
  // 2 and 6 of each of three logs, also in services, and of two in schedules
  assert.equal(found.length, 7 + 1 + 1 + (1 + 7) + (1 + 69) + (1 + 17) + 6 + 3 + (3 + 3 + 2) * (2 + 6))
  for (const [{ description = '', default: value }, row] of found) {
    assert.ok(description.startsWith(`${row?.doc}\n\n- value: ${row?.expects}`), description)
    assert.equal(value, row?.default)
    if (value !== undefined) assert.ok(description.endsWith(`- default: \`${JSON.stringify(value)}\``))
  }
})

test('a config in JSON is accepted by the schema when the server accepts it', () => {
  for (const config of [
    {},
    { $schema: './node_modules/tsgun/dist/settings.schema.json', app: './app.js' },
    {
      bind: ['127.0.0.1:8000', 'unix:/a'],
      workers: 'auto',
      env: { A: 'b' },
      umask: '022',
      user: null,
      accesslog: '-',
    },
    { accesslog: { path: 'a.log', rotation: { size: '1M' } }, log_rotation: null },
  ])
    assert.ok(validator.safeParse(config).success, JSON.stringify(config))
  for (const config of [
    { wrkers: 2 },
    { workers: 0 },
    { loglevel: 'warning' },
    { env: { A: 1 } },
    { on_exit: 'x' },
    { log_rotation: { max: 1 } },
  ])
    assert.ok(!validator.safeParse(config).success, JSON.stringify(config))
})

test('the built file is this schema', () => {
  const built: unknown = JSON.parse(
    readFileSync(new URL('../../../../dist/settings.schema.json', import.meta.url), 'utf8'),
  )
  assert.deepEqual(built, JSON.parse(JSON.stringify(schema)))
})
