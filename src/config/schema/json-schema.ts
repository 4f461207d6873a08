// The JSON schema of a config file, for editors of JSON and YAML configs; made from the settings table.

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

/** Hooks are functions, which no JSON file can hold: they are not in it. */
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
  // the whole says the draft
  const shape = Object.entries(z.toJSONSchema(schema, { io: 'input' })).filter(([key]) => key !== '$schema')
  return {
    ...Object.fromEntries(shape),
    description: doc,
    ...(typeof value === 'function' ? {} : { default: value }),
  }
}
