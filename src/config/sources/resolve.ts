// Merges the sources of settings by precedence: defaults < config file < TSGUN_CMD_ARGS < command line. Pure.
// The problems of all sources are collected, so that a user sees all of them at once.

import { bareMode } from './bare-mode.ts'
import { adviceOf } from './advice.ts'
import { valueProblems, type Found } from './check-value.ts'
import { hookNames } from '../hooks/table.ts'
import { show, type Format, type Problem } from '../problems/problem.ts'
import type { Setting } from '../settings/row.ts'
import {
  settingNames,
  settings,
  type SchemaOutput,
  type SettingName,
  type Settings,
} from '../settings/table.ts'

/** Unchecked values of settings from one source. */
export interface Source {
  /** A file name, `command line`, `TSGUN_CMD_ARGS` or `environment`. */
  readonly where: string
  readonly values: Readonly<Record<string, unknown>>
  /** The name of a setting as written in this source, such as `--workers`. */
  readonly nameOf?: (name: string) => string
  /** What was written, for values that are made of it. */
  readonly given?: Readonly<Record<string, unknown>>
  /** `code` if it is absent. */
  readonly format?: Format
}

export interface Resolved {
  readonly settings: Settings
  /** The source of each value, or `default`. */
  readonly origins: Readonly<Record<SettingName, string>>
}

/** The merged settings. A setting with a wrong value has its default, so that the others can be checked. */
export interface Resolution extends Resolved {
  readonly problems: readonly Problem[]
  /** About values that are accepted and look like a mistake. */
  readonly warnings: readonly string[]
  /** The name of each setting as written in its source, such as `--workers`. */
  readonly written: Readonly<Record<SettingName, string>>
  /** The settings with a wrong value. */
  readonly wrong: ReadonlySet<SettingName>
}

/** Merges and checks the sources. Never throws: the result has all problems. */
export function resolveSettings(sources: readonly Source[], environment: NodeJS.ProcessEnv): Resolution {
  const plain = defaults()
  const all = [plain, environmentSource(environment), ...sources]
  const checked = settingNames.map((name) => check(name, all))
  const valueOf = ({ name, value, problems }: Checked): unknown =>
    problems.length > 0 ? check(name, [plain]).value : value
  return {
    // Parse boundary: each value has passed the schema of its row.
    settings: Object.fromEntries(checked.map((entry) => [entry.name, valueOf(entry)])) as SchemaOutput,
    origins: Object.fromEntries(checked.map(({ name, where }) => [name, where])) as Record<
      SettingName,
      string
    >,
    problems: [...all.flatMap(unknownNames), ...checked.flatMap(({ problems }) => problems)],
    warnings: checked.flatMap(({ warnings }) => warnings),
    written: Object.fromEntries(checked.map(({ name, written }) => [name, written])) as Record<
      SettingName,
      string
    >,
    wrong: new Set(checked.flatMap(({ name, problems }) => (problems.length > 0 ? [name] : []))),
  }
}

function defaults(): Source {
  return {
    where: 'default',
    values: Object.fromEntries(settingNames.map((name) => [name, defaultOf(name, {})])),
  }
}

/** The defaults set by environment variables. `where`: where those are set. */
export function environmentSource(environment: NodeJS.ProcessEnv, where = 'environment'): Source {
  const variables = settingNames.flatMap((name) => {
    const { variable }: Setting = settings[name]
    return variable !== undefined && environment[variable] ? [{ name, variable }] : []
  })
  return {
    where,
    format: 'text',
    values: Object.fromEntries(variables.map(({ name }) => [name, defaultOf(name, environment)])),
    given: Object.fromEntries(variables.map(({ name, variable }) => [name, environment[variable]])),
    nameOf: (name) => variables.find((entry) => entry.name === name)?.variable ?? name,
  }
}

function defaultOf(name: SettingName, environment: NodeJS.ProcessEnv): unknown {
  const value: Setting['default'] = settings[name].default
  return typeof value === 'function' ? value(environment) : value
}

interface Checked {
  readonly name: SettingName
  readonly where: string
  readonly written: string
  readonly value: unknown
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
}

/** The last source with a value wins; undefined does not count as a value. */
function check(name: SettingName, sources: readonly Source[]): Checked {
  const source = sources.findLast(({ values }) => values[name] !== undefined)
  const value = source?.values[name]
  const where = source?.where ?? 'default'
  const written = source?.nameOf?.(name) ?? name
  const row: Setting = settings[name]
  const format = source?.format ?? 'code'
  const found: Found = { setting: name, value, given: source?.given?.[name] ?? value, where, written, format }
  const result = row.schema.safeParse(value)
  const bare = bareMode(found, row)
  const refused = result.success || bare.length > 0 ? [] : valueProblems(found, row, result.error.issues)
  const problems = [...bare, ...refused]
  const warnings = where === 'default' || problems.length > 0 ? [] : adviceOf(found, row)
  return { name, where, written, value: result.data, problems, warnings }
}

function unknownNames({ where, values, nameOf }: Source): Problem[] {
  const known: readonly string[] = [...settingNames, ...hookNames]
  return Object.entries(values).flatMap(([name, value]) => {
    const shown = nameOf?.(name) ?? name
    if (!known.includes(name))
      return [
        {
          where,
          name: shown,
          message: 'unknown setting',
          mistake: { about: 'setting' as const, name, value },
        },
      ]
    if (hookNames.some((hook) => hook === name) && value !== undefined && typeof value !== 'function') {
      return [
        { where, name: shown, message: `expected a function, because it is a hook; got ${show(value)}` },
      ]
    }
    return []
  })
}
