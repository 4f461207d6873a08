// The JSON schema of a config file, for editors of JSON and YAML configs. Made from the settings table.

import { z } from 'zod'
import type { Setting } from '../settings/row.ts'
import { settingNames, settings } from '../settings/table.ts'

export interface ConfigSchema {
  readonly $schema: string
  readonly title: string
  readonly type: 'object'
  readonly additionalProperties: false
  readonly properties: Readonly<Record<string, object>>
}

/** Returns the schema of all settings. Hooks are functions, which a JSON file cannot contain. */
export function configSchema(): ConfigSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'tsgun server config',
    type: 'object',
    additionalProperties: false,
    properties: {
      $schema: { type: 'string' },
      ...Object.fromEntries(settingNames.map((name) => [name, property(settings[name])])),
    },
  }
}

function property({ schema, doc, default: value }: Setting): object {
  // the draft is declared once, at the top
  const shape = Object.entries(z.toJSONSchema(schema, { io: 'input' })).filter(([key]) => key !== '$schema')
  return {
    ...Object.fromEntries(shape),
    description: doc,
    ...(typeof value === 'function' ? {} : { default: value }),
  }
}
