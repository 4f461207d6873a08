// Runs in `tsgun migrate`: the fields of an app of PM2 as settings, by the table of which
// docs/migrate/from-pm2.md is made. Pure.

import { pm2Fields } from '../../config/hints/pm2-fields.ts'
import type { Pm2Row } from '../../config/hints/pm2-row.ts'
import { isRecord } from '../../os/type-checks.ts'
import { literal, type DraftPart } from '../config-file/draft.ts'
import { carry, collect, type Carried, type Migrated } from './carried.ts'

type Fields = Readonly<Record<string, unknown>>

/** These are handled by themselves. */
const apart = new Set(
  (
    'name script cwd instances env args exec_mode node_args interpreter_args interpreter ' +
    'exec_interpreter'
  ).split(' '),
)

const logFields = new Set(['out_file', 'output', 'out', 'error_file', 'error', 'err_file', 'log_file', 'log'])

/** Always so here: nothing is lost. */
const always: Readonly<Record<string, unknown>> = {
  autorestart: true,
  merge_logs: true,
  combine_logs: true,
  time: true,
  watch: false,
  source_map_support: true,
  vizion: false,
  wait_ready: false,
}

const fields: ReadonlyMap<string, Pm2Row> = new Map(Object.entries(pm2Fields))

export function fieldsOf(given: Fields): Migrated {
  const name = given['name']
  const all = Object.entries(given).filter(([field]) => !apart.has(field) && !/^env_(?!file$)/.test(field))
  const logs = all.filter(([field]) => logFields.has(field))
  const others = all.filter((entry) => !logs.includes(entry))
  return collect([
    ...(typeof name === 'string' ? [carry('proc_name', name, `name: ${name}`)] : []),
    ...others.map(([field, value]) => carryField(field, value)),
    ...logsOf(logs),
  ])
}

function carryField(field: string, value: unknown): Carried {
  if (value === undefined || value === null || always[field] === value) return {}
  const origin = `${field}: ${literal(value)}`
  if (field === 'log_type') return carry('log_format', value === 'json' ? 'json' : 'text', origin)
  if (field === 'watch') return { lost: `${origin}: tsgun --reload, for development only` }
  const row = fields.get(field)
  if (row?.here === undefined) return { lost: row === undefined ? origin : `${origin}: ${row.text}` }
  return carry(row.here, row.isMilliseconds ? Number(value) / 1000 : value, origin)
}

/** PM2 has a file for each standard stream; here both are one log. */
function logsOf(logs: readonly (readonly [field: string, value: unknown])[]): Carried[] {
  const files = logs.filter(([, value]) => typeof value === 'string')
  const [first, ...more] = files
  if (first === undefined) return []
  const [field, value] = first
  const path = value === '/dev/null' || value === 'NULL' ? null : value
  return [
    carry('applog', path, `${field}: ${literal(value)}`),
    ...more
      .filter(([, other]) => other !== value)
      .map(([other, file]) => ({
        lost: `${other}: ${literal(file)}: standard error is in applog, with its level`,
      })),
  ]
}

export interface Environments extends Migrated {
  /** The port of the environment: `bind` has it. */
  readonly port: string | undefined
}

/** `env`, and `env_production` over it, which `pm2 start --env production` would choose. */
export function environmentsOf(given: Fields, fromCommand: Readonly<Record<string, string>>): Environments {
  const { PORT: port, ...rest } = {
    ...fromCommand,
    ...texts(given['env']),
    ...texts(given['env_production']),
  }
  const env = Object.fromEntries(Object.entries(rest).filter(([name]) => name !== 'HOST'))
  const others = Object.keys(given).filter((field) => /^env_(?!file$|production$)/.test(field))
  const comment = isRecord(given['env_production']) ? ['PM2: env, with env_production over it.'] : []
  const part: DraftPart = { name: 'env', code: literal(env), comment }
  return {
    port,
    parts: Object.keys(env).length === 0 ? [] : [part],
    lost: others.map(
      (field) => `${field}: ${literal(texts(given[field]))}: a condition in this file, or -e NAME=value`,
    ),
  }
}

function texts(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {}
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, asText(part)]))
}

function asText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
