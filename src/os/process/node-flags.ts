// Runs in the arbiter: flags of Node.js with the meaning that they had where they were written. Node resolves
// relative paths in them from the working directory of each process, and that of a worker may be another one.

import { createRequire } from 'node:module'
import { isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** How Node resolves the value of a flag: by require(), by import, or as a path. */
type ValueKind = 'require' | 'import' | 'path'

/** `drop`: a worker must not have the flag; it has inherited what a file of variables sets. */
const flags: Readonly<Record<string, ValueKind | 'drop'>> = {
  '-r': 'require',
  '--require': 'require',
  '--import': 'import',
  '--loader': 'import',
  '--experimental-loader': 'import',
  '--env-file': 'drop',
  '--env-file-if-exists': 'drop',
  '--cpu-prof-dir': 'path',
  '--diagnostic-dir': 'path',
  '--experimental-config-file': 'path',
  '--heap-prof-dir': 'path',
  '--icu-data-dir': 'path',
  '--localstorage-file': 'path',
  '--openssl-config': 'path',
  '--redirect-warnings': 'path',
  '--report-dir': 'path',
  '--report-directory': 'path',
  '--tls-keylog': 'path',
  '--trace-event-file-pattern': 'path',
}

/** A flag with its value, as one word or as two. */
export interface Flag {
  /** Without an underscore, which Node accepts for `-`. */
  readonly name: string
  readonly value: string | undefined
  readonly words: readonly string[]
}

/** Splits words into flags. A word without `-` belongs to the flag before it. */
export function parseFlags(words: readonly string[]): readonly Flag[] {
  const parsed: Flag[] = []
  for (const word of words) {
    const last = parsed.at(-1)
    if (!word.startsWith('-') && last !== undefined && last.value === undefined)
      parsed[parsed.length - 1] = { ...last, value: word, words: [...last.words, word] }
    else parsed.push(parseFlag(word))
  }
  return parsed
}

function parseFlag(word: string): Flag {
  const [, name = word, value] = /^(-[^=]*)=(.*)$/s.exec(word) ?? []
  return { name: name.replaceAll('_', '-'), value, words: [word] }
}

/** From the directory where flags were written to the working directory of another process. */
export interface Move {
  readonly from: string
  readonly to: string
}

/** Returns the flags with the same meaning for a process with another working directory. */
export function absoluteFlags(words: readonly string[], move: Move): string[] {
  return parseFlags(words).flatMap(({ name, value, words: written }) => {
    const kind = Object.hasOwn(flags, name) ? flags[name] : undefined
    if (kind === 'drop') return []
    if (kind === undefined || value === undefined) return written
    const absolute = absoluteValue(kind, value, move)
    return written.length === 2 ? [name, absolute] : [`${name}=${absolute}`]
  })
}

function absoluteValue(kind: ValueKind, value: string, { from, to }: Move): string {
  const isRelative = /^\.\.?(?:\/|$)/.test(value)
  if (kind === 'path') return resolve(from, value)
  if (kind === 'require') return isRelative ? resolve(from, value) : requiredFrom(from, value)
  if (isRelative) return new URL(value, pathToFileURL(join(from, '/'))).href
  // Below `from` import finds the same package, and may choose another file of it than require().
  if (`${to}/`.startsWith(join(from, '/')) || /^(?:\/|\w+:)/.test(value)) return value
  const file = requiredFrom(from, value)
  return isAbsolute(file) ? pathToFileURL(file).href : value
}

/** Node's own error names a package that cannot be found. */
function requiredFrom(from: string, name: string): string {
  try {
    return createRequire(join(from, 'noop.js')).resolve(name)
  } catch {
    return name
  }
}

/** The same for the text of NODE_OPTIONS: only double quotes and, in them, backslashes are special. */
export function absoluteNodeOptions(text: string, move: Move): string {
  const words = [...text.matchAll(/(?:"(?:\\.|[^"\\])*"|[^ "])+/gs)].map(([word]) =>
    word.replace(/"((?:\\.|[^"\\])*)"/gs, (_, quoted: string) => quoted.replace(/\\(.)/gs, '$1')),
  )
  const absolute = absoluteFlags(words, move)
  return absolute.join('\n') === words.join('\n') ? text : absolute.map(quote).join(' ')
}

function quote(word: string): string {
  return /[ "]/.test(word) ? `"${word.replace(/["\\]/g, '\\$&')}"` : word
}
