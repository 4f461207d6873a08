// Where values come from, and what they add up to: defaults < config file < TSGUN_CMD_ARGS < command line.
// Pure. Every mistake of every source is collected, so that a user sees all of them at once.

import { didYouMean } from '../problems/did-you-mean.ts'
import { hookNames } from '../hooks/table.ts'
import { show, type Problem } from '../problems/problem.ts'
import type { Setting } from '../settings/row.ts'
import { settingNames, settings, type SettingName, type Settings } from '../settings/table.ts'

/** Values under the names of settings, unchecked, from one place. */
export interface Source {
  /** As a user knows it: a file's name, `command line`, `TSGUN_CMD_ARGS`, `environment`. */
  readonly where: string
  readonly values: Readonly<Record<string, unknown>>
  /** The name as the user wrote it there, such as `--workers`. */
  readonly nameOf?: (name: string) => string
}

export interface Resolved {
  readonly settings: Settings
  /** For each setting the place its value comes from, `default` included. */
  readonly origins: Readonly<Record<SettingName, string>>
}

/**
 * What the sources add up to. A setting whose value is wrong has its default here, so that the others can be
 * checked further.
 */
export interface Resolution extends Resolved {
  readonly problems: readonly Problem[]
  /** Each name as it is written where its value comes from, such as `--workers`. */
  readonly written: Readonly<Record<SettingName, string>>
  /** The settings whose value is wrong. */
  readonly wrong: ReadonlySet<SettingName>
}

/** Merges and checks; answers every problem that was found. */
export function resolveSettings(sources: readonly Source[], environment: NodeJS.ProcessEnv): Resolution {
  const plain = defaults()
  const all = [plain, environmentSource(environment), ...sources]
  const checked = settingNames.map((name) => check(name, all))
  const valueOf = ({ name, value, problem }: Checked): unknown =>
    problem ? check(name, [plain]).value : value
  return {
    // Each value has passed the schema of its own row: the table is the parse boundary.
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

/** The defaults that a variable of the environment sets. */
function environmentSource(environment: NodeJS.ProcessEnv): Source {
  const variables = settingNames.flatMap((name) => {
    const { variable }: Setting = settings[name]
    return variable !== undefined && environment[variable] ? [{ name, variable }] : []
  })
  return {
    where: 'environment',
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

/** The last source that names a setting wins; an explicit undefined is no value. */
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

/**
 * What our own checks say, also those inside the branches of a union, and which part of a list or an object
 * is meant.
 */
function details(issue: Issue, value: unknown): string[] {
  const inner = [...(issue.errors ?? []).flat(), ...(issue.issues ?? [])].flatMap((branch) =>
    details(branch, value),
  )
  const text = issue.code === 'custom' ? issue.message : ''
  const key = issue.path.at(-1)
  if (key === undefined) return [...inner, text]
  const found = issue.path.reduce(partOf, value)
  const part = typeof key === 'number' ? show(found) : String(key)
  const said =
    [...inner, text].find((words) => words !== '') ?? (typeof key === 'number' ? '' : `it is ${show(found)}`)
  return [said === '' ? '' : `${part}: ${said}`]
}

function partOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
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
    ? `there is no such setting; did you mean "${near}"?`
    : 'there is no such setting (see docs/settings.md)'
}
