import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { z } from 'zod'
import { configSchema } from '../../../../src/config/schema/json-schema.ts'
import { settingNames, settings } from '../../../../src/config/settings/table.ts'

const schema = configSchema()
// zod reads the schema back, as an editor does.
const validator = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])

test('the JSON schema has every setting with its doc, and nothing else', () => {
  assert.deepEqual(Object.keys(schema.properties).sort(), ['$schema', ...settingNames].sort())
  for (const name of settingNames) {
    const property = schema.properties[name] as { readonly description: string; readonly default?: unknown }
    assert.equal(property.description, settings[name].doc)
    const { default: value }: { readonly default: unknown } = settings[name]
    assert.deepEqual(property.default, typeof value === 'function' ? undefined : value)
  }
  assert.equal(schema.additionalProperties, false)
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
  ])
    assert.ok(validator.safeParse(config).success, JSON.stringify(config))
  for (const config of [
    { wrkers: 2 },
    { workers: 0 },
    { loglevel: 'warning' },
    { env: { A: 1 } },
    { on_exit: 'x' },
  ])
    assert.ok(!validator.safeParse(config).success, JSON.stringify(config))
})

test('the built file is this schema', () => {
  const built: unknown = JSON.parse(
    readFileSync(new URL('../../../../dist/settings.schema.json', import.meta.url), 'utf8'),
  )
  assert.deepEqual(built, JSON.parse(JSON.stringify(schema)))
})
