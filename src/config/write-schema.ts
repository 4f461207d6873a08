// Part of the build: writes the JSON schema of the config beside the compiled code, for editors of JSON and YAML configs.

import { writeFileSync } from 'node:fs'
import { z } from 'zod'
import type { Setting } from './setting.ts'
import { settingNames, settings } from './settings.ts'

const properties = settingNames.map((name) => {
  const row: Setting = settings[name]
  return [name, { ...z.toJSONSchema(row.schema, { io: 'input' }), description: row.doc }] as const
})

const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'tsgun server config',
  type: 'object',
  additionalProperties: false,
  properties: Object.fromEntries(properties),
}

writeFileSync(new URL('../settings.schema.json', import.meta.url), `${JSON.stringify(schema, null, 2)}\n`)
