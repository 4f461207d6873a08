// The JSON schema of a config file, for editors of JSON and YAML configs. Made from the tables of settings
// and hooks.

import * as z from 'zod'
import { hookNames, type HookName } from '../hooks/table.ts'
import type { Parts, Setting } from '../settings/row.ts'
import { settingNames, settings } from '../settings/table.ts'
import { hookText, partText, settingText, showText } from './texts.ts'

/** What this file reads of a schema that zod made. */
export interface Schema {
  readonly [keyword: string]: unknown
  readonly description?: string
  readonly default?: unknown
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
}

export interface ConfigSchema extends Schema {
  readonly properties: Readonly<Record<string, Schema>>
}

export function configSchema(): ConfigSchema {
  const settingEntries = settingNames.map((name) => [name, settingSchema(settings[name])] as const)
  const hookEntries = hookNames.map((name) => [name, hookSchema(name)] as const)
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'tsgun server config',
    type: 'object',
    additionalProperties: false,
    properties: { $schema: { type: 'string' }, ...Object.fromEntries([...settingEntries, ...hookEntries]) },
  }
}

function settingSchema(row: Setting): Schema {
  // the draft is declared once, at the top
  const shape = Object.entries(z.toJSONSchema(row.schema, { io: 'input' })).filter(
    ([key]) => key !== '$schema',
  )
  return {
    ...describeParts(Object.fromEntries(shape), row.parts ?? {}),
    description: showText(settingText(row)),
    ...(typeof row.default === 'function' ? {} : { default: row.default }),
  }
}

/** Adds the texts of the parts, wherever the schema has an object. */
function describeParts(schema: Schema, parts: Parts): Schema {
  const { anyOf, properties, additionalProperties: others } = schema
  const described = (name: string, part: Schema): Schema => describePart(part, parts[name])
  return {
    ...schema,
    ...(anyOf && { anyOf: anyOf.map((each) => describeParts(each, parts)) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, part]) => [name, described(name, part)]),
      ),
    }),
    ...(typeof others === 'object' && { additionalProperties: described('*', others) }),
  }
}

function describePart(schema: Schema, part: Parts[string] | undefined): Schema {
  if (part === undefined) return schema
  return {
    ...describeParts(schema, part.parts ?? {}),
    description: showText(partText(part)),
    ...(part.default !== undefined && { default: part.default }),
  }
}

/** A hook is a function, which JSON cannot contain: the text says so, and no value is valid. */
function hookSchema(name: HookName): Schema {
  const advice = 'A hook is a function: export it from a module, and name that module in `hooks`.'
  return { not: {}, description: `${showText(hookText(name))}\n\n${advice}` }
}
