// Runs in `tsgun migrate`: the fields of an app of PM2 as settings. docs/migrate/from-pm2.md says what the
// others are here. Pure.

import type { SettingName } from '../../config/settings/table.ts'
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

const here: Readonly<Record<string, SettingName>> = {
  max_memory_restart: 'max_memory',
  pid_file: 'pidfile',
  pid: 'pidfile',
  uid: 'user',
  gid: 'group',
  env_file: 'env_file',
}

/** PM2 counts milliseconds. */
const times: Readonly<Record<string, SettingName>> = {
  kill_timeout: 'graceful_timeout',
  listen_timeout: 'boot_timeout',
}

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
  const [name, time] = [here[field], times[field]]
  if (name !== undefined) return carry(name, value, origin)
  if (time !== undefined) return carry(time, Number(value) / 1000, origin)
  if (field === 'log_type') return carry('log_format', value === 'json' ? 'json' : 'text', origin)
  return { lost: remarks[field] === undefined ? origin : `${origin}: ${remarks[field]}` }
}

const remarks: Readonly<Record<string, string>> = {
  watch: 'tsgun --reload, for development only',
  wait_ready: 'a program is ready when it listens; an exported startup() is awaited',
  cron_restart: 'a cron job or a timer that sends HUP to the master',
  instance_var: 'TSGUN_WORKER_NR has the number of the worker',
  max_restarts: 'a worker that fails is tried again with a growing delay',
  autorestart: 'workers are always replaced',
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
