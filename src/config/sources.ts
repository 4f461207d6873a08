// Where values come from, and what they add up to: defaults < config file < TSGUN_CMD_ARGS < command line. Pure.
// Every mistake of every source is collected, so that a user sees all of them at once.

import { didYouMean } from './did-you-mean.ts'
import { hookNames } from './hooks.ts'
import { show } from './problem.ts'
import type { Problem } from './problem.ts'
import { settingNames, settings } from './settings.ts'
import type { SettingName, Settings } from './settings.ts'

/** Values under the names of settings, unchecked, from one place. */
export interface Source {
  /** As a user knows it: a file's name, `command line`, `TSGUN_CMD_ARGS`. */
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

/** Merges and checks. Answers the settings, or every problem that was found. */
export function resolveSettings(sources: readonly Source[], environment: NodeJS.ProcessEnv): Resolved | readonly Problem[] {
  const all = [defaults(environment), ...sources]
  const problems = all.flatMap(unknownNames)
  const checked = settingNames.map((name) => check(name, all))
  problems.push(...checked.flatMap(({ problem }) => (problem ? [problem] : [])))
  if (problems.length > 0) return problems
  return {
    // Each value has passed the schema of its own row: the table is the parse boundary.
    settings: Object.fromEntries(checked.map(({ name, value }) => [name, value])) as Settings,
    origins: Object.fromEntries(checked.map(({ name, where }) => [name, where])) as Record<SettingName, string>,
  }
}

export function isProblems(result: Resolved | readonly Problem[]): result is readonly Problem[] {
  return Array.isArray(result)
}

function defaults(environment: NodeJS.ProcessEnv): Source {
  const values = settingNames.map((name) => {
    const value: unknown = settings[name].default
    return [name, typeof value === 'function' ? (value(environment) as unknown) : value]
  })
  return { where: 'default', values: Object.fromEntries(values) as Record<string, unknown> }
}

interface Checked {
  readonly name: SettingName
  readonly where: string
  readonly value?: unknown
  readonly problem?: Problem
}

/** The last source that names a setting wins; an explicit undefined is no value. */
function check(name: SettingName, sources: readonly Source[]): Checked {
  const source = sources.findLast(({ values }) => values[name] !== undefined)
  const value = source?.values[name]
  const where = source?.where ?? 'default'
  const result = settings[name].schema.safeParse(value)
  if (result.success) return { name, where, value: result.data }
  const custom = result.error.issues.flatMap(messagesOf).find((message) => message !== '')
  const message = `expected ${settings[name].expects}; got ${show(value)}${custom ? ` (${custom})` : ''}`
  return {
    name,
    where,
    problem: { where: where === 'default' ? 'environment' : where, name: source?.nameOf?.(name) ?? name, message },
  }
}

interface Issue {
  readonly code?: string | undefined
  readonly message: string
  readonly errors?: readonly (readonly Issue[])[]
}

/** The messages of our own checks, also those inside the branches of a union. */
function messagesOf(issue: Issue): string[] {
  if (issue.code === 'custom') return [issue.message]
  return (issue.errors ?? []).flat().flatMap(messagesOf)
}

function unknownNames({ where, values, nameOf }: Source): Problem[] {
  const known: readonly string[] = [...settingNames, ...hookNames]
  return Object.entries(values).flatMap(([name, value]) => {
    const shown = nameOf?.(name) ?? name
    if (!known.includes(name)) return [{ where, name: shown, message: unknownMessage(name, known) }]
    if (hookNames.some((hook) => hook === name) && value !== undefined && typeof value !== 'function') {
      return [{ where, name: shown, message: `expected a function, because it is a hook; got ${show(value)}` }]
    }
    return []
  })
}

function unknownMessage(name: string, known: readonly string[]): string {
  const near = didYouMean(name, known)
  return near ? `there is no such setting; did you mean "${near}"?` : 'there is no such setting (see docs/settings.md)'
}
