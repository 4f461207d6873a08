// Runs in the arbiter, when a config is loaded: the files of the setting `env_file`. Node parses them, as for
// `node --env-file`; lines that Node skips without a word are reported here. Values never appear in a
// message: they may be secret.

import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { hasCode } from '../../os/error-code.ts'
import { messageOf } from '../../os/error-message.ts'
import { toError } from '../../logging/records/describe-error.ts'

export interface EnvironmentFiles {
  /** Of several files the later one wins. */
  readonly variables: Readonly<Record<string, string>>
  /** Why a file cannot be used, one sentence each. */
  readonly problems: readonly string[]
  /** About lines that have no effect. */
  readonly warnings: readonly string[]
}

/** Reads the files in their order. */
export function readEnvironmentFiles(files: readonly string[]): EnvironmentFiles {
  const read = files.map(readFile)
  return {
    variables: Object.assign({}, ...read.map(({ variables }) => variables)) as Record<string, string>,
    problems: read.flatMap(({ problems }) => problems),
    warnings: read.flatMap(({ warnings }) => warnings),
  }
}

function readFile(file: string): EnvironmentFiles {
  const text = textOf(file)
  if (text instanceof Error) return failure(whyUnreadable(file, text))
  const { unclosed, ignored } = examine(text)
  if (unclosed !== undefined) return failure(`${file}:${unclosed}: the quote that opens here is never closed`)
  const variables = Object.fromEntries(
    Object.entries(parseEnv(text)).map(([name, value = '']) => [name, value]),
  )
  const [withNul] = Object.entries(variables).find(([, value]) => value.includes('\0')) ?? []
  if (withNul !== undefined) return failure(`${file}: the value of ${withNul} contains NUL`)
  return { variables, problems: [], warnings: ignored.map((line) => `env_file: ${file}:${line}`) }
}

function failure(problem: string): EnvironmentFiles {
  return { variables: {}, problems: [problem], warnings: [] }
}

/** Node takes a byte order mark for a part of the first name. */
function textOf(file: string): string | Error {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    return toError(error)
  }
}

function whyUnreadable(file: string, error: Error): string {
  if (hasCode(error, 'ENOENT')) return `there is no file ${file}`
  if (hasCode(error, 'EISDIR')) return `${file} is a directory`
  return hasCode(error, 'EACCES')
    ? `this user cannot read ${file}`
    : `cannot read ${file}: ${messageOf(error)}`
}

interface Examined {
  /** The line of a value whose quote is not closed: Node would take the following variables as its text. */
  readonly unclosed: number | undefined
  /** `line: why` */
  readonly ignored: readonly string[]
}

/** Follows the grammar of Node's parser, which is the same in 20.19 to 26. */
function examine(text: string): Examined {
  const lines = text.split(/\r?\n/)
  const ignored: string[] = []
  for (let nr = 0; nr < lines.length; nr += 1) {
    const line = (lines[nr] ?? '').trim()
    if (line === '' || line.startsWith('#')) continue
    const value = /^(?:export\s+)?[^=\s]+\s*=\s*(.*)$/s.exec(line)?.[1]
    if (value === undefined) {
      ignored.push(`${nr + 1}: this line is ignored, because it is not NAME=value`)
      continue
    }
    const quote = /^["'`]/.exec(value)?.[0]
    if (quote === undefined) continue
    const end = closing(lines, nr, quote)
    if (end === undefined) return { unclosed: nr + 1, ignored }
    if (/^[^\s#]/.test(end.rest.trimStart()))
      ignored.push(`${end.line + 1}: what follows the closing ${quote} is ignored`)
    nr = end.line
  }
  return { unclosed: undefined, ignored }
}

/** Where the quote that opens in line `first` is closed, and what follows it there. */
function closing(
  lines: readonly string[],
  first: number,
  quote: string,
): { readonly line: number; readonly rest: string } | undefined {
  const opening = (lines[first] ?? '').indexOf(quote)
  for (const [line, text] of lines.entries()) {
    if (line < first) continue
    const at = text.indexOf(quote, line === first ? opening + 1 : 0)
    if (at !== -1) return { line, rest: text.slice(at + 1) }
  }
  return undefined
}
