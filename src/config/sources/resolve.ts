// Merges the sources of settings by precedence: defaults < config file < TSGUN_CMD_ARGS < command line. Pure.
// The problems of all sources are collected, so that a user sees all of them at once.

import { didYouMean } from '../problems/did-you-mean.ts'
import { hookNames } from '../hooks/table.ts'
import { show, type Problem } from '../problems/problem.ts'
import type { Setting } from '../settings/row.ts'
import { settingNames, settings, type SettingName, type Settings } from '../settings/table.ts'
import { isObject } from '../../os/type-checks.ts'

/** Unchecked values of settings from one source. */
export interface Source {
  /** A file name, `command line`, `TSGUN_CMD_ARGS` or `environment`. */
  readonly where: string
  readonly values: Readonly<Record<string, unknown>>
  /** The name of a setting as written in this source, such as `--workers`. */
  readonly nameOf?: (name: string) => string
}

export interface Resolved {
  readonly settings: Settings
  /** The source of each value, or `default`. */
  readonly origins: Readonly<Record<SettingName, string>>
}

/** The merged settings. A setting with a wrong value has its default, so that the others can be checked. */
export interface Resolution extends Resolved {
  readonly problems: readonly Problem[]
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
  const valueOf = ({ name, value, problem }: Checked): unknown =>
    problem ? check(name, [plain]).value : value
  return {
    // Parse boundary: each value has passed the schema of its row.
    settings: Object.fromEntries(checked.map((entry) => [entry.name, valueOf(entry)])) as Settings,
    origins: Object.fromEntries(checked.map(({ name, where }) => [name, where])) as Record<
      SettingName,
      string
    >,
    problems: [...all.flatMap(unknownNames), ...checked.flatMap(({ problem }) => (problem ? [problem] : []))],
    written: Object.fromEntries(checked.map(({ name, written }) => [name, written])) as Record<
      SettingName,
      string
    >,
    wrong: new Set(checked.flatMap(({ name, problem }) => (problem ? [name] : []))),
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
    values: Object.fromEntries(variables.map(({ name }) => [name, defaultOf(name, environment)])),
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
  readonly value?: unknown
  readonly problem?: Problem
}

/** The last source with a value wins; undefined does not count as a value. */
function check(name: SettingName, sources: readonly Source[]): Checked {
  const source = sources.findLast(({ values }) => values[name] !== undefined)
  const value = source?.values[name]
  const where = source?.where ?? 'default'
  const result = settings[name].schema.safeParse(value)
  const written = source?.nameOf?.(name) ?? name
  if (result.success) return { name, where, written, value: result.data }
  const detail = result.error.issues.flatMap((issue) => details(issue, value)).find((text) => text !== '')
  const message = `expected ${settings[name].expects}; got ${show(value)}${detail ? ` (${detail})` : ''}`
  return { name, where, written, problem: { where, name: written, message } }
}

interface Issue {
  readonly code?: string | undefined
  readonly message: string
  readonly path: readonly PropertyKey[]
  readonly errors?: readonly (readonly Issue[])[]
  readonly issues?: readonly Issue[]
}

/** The messages of the checks in the table, also in a union, with the wrong part of a list or object. */
function details(issue: Issue, value: unknown): string[] {
  const inner = [...(issue.errors ?? []).flat(), ...(issue.issues ?? [])].flatMap((branch) =>
    details(branch, value),
  )
  const text = issue.code === 'custom' ? issue.message : ''
  const key = issue.path.at(-1)
  if (key === undefined) return [...inner, text]
  const found = issue.path.reduce(partOf, value)
  const part = typeof key === 'number' ? show(found) : String(key)
  const detail =
    [...inner, text].find((each) => each !== '') ?? (typeof key === 'number' ? '' : `got ${show(found)}`)
  return [detail === '' ? '' : `${part}: ${detail}`]
}

function partOf(value: unknown, key: PropertyKey): unknown {
  return isObject(value) ? Reflect.get(value, key) : undefined
}

function unknownNames({ where, values, nameOf }: Source): Problem[] {
  const known: readonly string[] = [...settingNames, ...hookNames]
  return Object.entries(values).flatMap(([name, value]) => {
    const shown = nameOf?.(name) ?? name
    if (!known.includes(name)) return [{ where, name: shown, message: unknownMessage(name, known) }]
    if (hookNames.some((hook) => hook === name) && value !== undefined && typeof value !== 'function') {
      return [
        { where, name: shown, message: `expected a function, because it is a hook; got ${show(value)}` },
      ]
    }
    return []
  })
}

function unknownMessage(name: string, known: readonly string[]): string {
  const near = didYouMean(name, known)
  return near
    ? `unknown setting; did you mean "${near}"?`
    : 'unknown setting (see docs/reference/settings.md)'
}
