// Checks one value against its row, and says what is wrong, with the part of a list or an object. Pure.

import { show, type Format, type Problem, type WrongValue } from '../problems/problem.ts'
import type { Part, Parts, Setting } from '../settings/row.ts'
import { isObject, isRecord } from '../../os/type-checks.ts'

/** A value as it was found. */
export interface Found {
  readonly setting: string
  readonly value: unknown
  /** As it was written: PORT, not the address made of it. */
  readonly given: unknown
  readonly where: string
  /** The name in this source, such as `--workers` or PORT. */
  readonly written: string
  readonly format: Format
}

/** An error of zod. */
export interface Issue {
  readonly code?: string | undefined
  readonly message: string
  readonly path: readonly PropertyKey[]
  readonly errors?: readonly (readonly Issue[])[]
  readonly issues?: readonly Issue[]
  readonly keys?: readonly string[]
}

/** One problem for each wrong part that has a name, else one for the whole value. */
export function valueProblems(found: Found, row: Setting, issues: readonly Issue[]): Problem[] {
  const { parts = {} } = row
  const leaves = toTell(
    issues.flatMap((issue) => leavesOf(issue, [])),
    found.value,
  )
  if (leaves.every(({ path }) => path.length > 0 && partAt(parts, path) !== undefined)) {
    const byName = new Map(leaves.map((leaf) => [leaf.path.join('.'), leaf]))
    return [...byName.values()].map((leaf) => partProblem(found, leaf, parts))
  }
  const { where, written: name, given, value } = found
  const isPlain = given === value
  const detail = issues.flatMap((issue) => details(issue, value)).find((text) => text !== '')
  const expects = name === row.variable ? (row.variableExpects ?? row.expects) : row.expects
  const reason = isPlain && detail !== undefined ? ` (${detail})` : sendable(row, value)
  const message = `expected ${expects}; got ${show(given)}${reason}`
  return [{ where, name, message, mistake: mistakeOf(found, [], given) }]
}

/** The app itself in place of its module: an Express app is a function, Hono's an object. */
function sendable({ section }: Setting, value: unknown): string {
  if (section !== 'what' || (typeof value !== 'function' && !isRecord(value))) return ''
  return '; the workers are processes of their own, which import the module by its name'
}

interface Leaf {
  /** Names only: it ends at a list. */
  readonly path: readonly string[]
  readonly isUnknown: boolean
  readonly issue: Issue
}

/** The places of an error: of a union those of the branch that has the shape of the value. */
function leavesOf(issue: Issue, before: readonly PropertyKey[]): Leaf[] {
  const path = [...before, ...issue.path]
  const isInside = ({ path: inner, code }: Issue): boolean => inner.length > 0 || code === 'unrecognized_keys'
  const branch = issue.errors?.find((each) => each.some(isInside))
  if (branch !== undefined) return branch.flatMap((inner) => leavesOf(inner, path))
  if (issue.code === 'unrecognized_keys')
    return (issue.keys ?? []).map((key) => ({ path: [...names(path), key], isUnknown: true, issue }))
  return [{ path: issue.code === 'invalid_key' ? [] : names(path), isUnknown: false, issue }]
}

/** With an unknown name beside it, a missing one was meant by that. */
function toTell(leaves: readonly Leaf[], value: unknown): readonly Leaf[] {
  const hasUnknown = leaves.some(({ isUnknown }) => isUnknown)
  return leaves.filter(
    ({ isUnknown, path }) => isUnknown || !hasUnknown || path.reduce(partOf, value) !== undefined,
  )
}

function names(path: readonly PropertyKey[]): readonly string[] {
  const end = path.findIndex((key) => typeof key !== 'string')
  return (end === -1 ? path : path.slice(0, end)).map(String)
}

/** The row of a part; for an unknown one that of the object which has it. */
function partAt(parts: Parts, [name = '', ...rest]: readonly string[]): Part | Parts | undefined {
  const part = Object.hasOwn(parts, name) ? parts[name] : parts['*']
  if (rest.length === 0) return part ?? (Object.keys(parts).length > 0 ? parts : undefined)
  return part?.parts === undefined ? part : partAt(part.parts, rest)
}

function partProblem(found: Found, { path, isUnknown, issue }: Leaf, parts: Parts): Problem {
  const { where, written, setting } = found
  const name = [written, ...path].join('.')
  if (isUnknown) return { where, name, message: 'unknown part', mistake: { about: 'part', setting, path } }
  const part = partAt(parts, path)
  const value = path.reduce(partOf, found.value)
  const expects = part !== undefined && typeof part.expects === 'string' ? part.expects : 'another value'
  const detail = details({ ...issue, path: [] }, value).find((text) => text !== '')
  const message = `expected ${expects}; got ${show(value)}${detail === undefined ? '' : ` (${detail})`}`
  return { where, name, message, mistake: mistakeOf(found, path, value) }
}

function mistakeOf({ setting, format }: Found, path: readonly string[], value: unknown): WrongValue {
  return { about: 'value', setting, path, value, format }
}

/** The messages of the checks in the table, also in a union, with the wrong part of a list. */
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
