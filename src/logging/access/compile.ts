// Compiles the setting `access_log_format` to a function that formats lines. Runs once at the start of a
// worker, and in the arbiter when a config is checked. A request then costs one loop over a list.

import { accessAtomFamilies, accessAtoms, type Atom, type AtomFamily, type WriteAtom } from './atoms.ts'
import type { AccessContext, FormatAccess } from './entry.ts'
import { compileJson } from './json.ts'

/** The named text formats, those of Apache, as atoms. */
export const namedFormats = {
  common: '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s',
  combined: '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"',
} as const

/** The format is invalid; the message contains the position and the known atoms. */
export class AccessFormatError extends Error {
  override readonly name = 'AccessFormatError'
  /** Position of the first invalid character, from 1. */
  readonly position: number

  constructor(problem: string, position: number) {
    super(
      `access_log_format: ${problem} at position ${position}. Known atoms: ${knownAtoms().join(' ')}; ` +
        '%% is a percent sign',
    )
    this.position = position
  }
}

interface Part {
  readonly literal: string
  readonly write: WriteAtom
}

const atoms: ReadonlyMap<string, Atom> = new Map(Object.entries(accessAtoms))
const families: ReadonlyMap<string, AtomFamily> = new Map(Object.entries(accessAtomFamilies))

// `%%`, a complete atom, an atom without its end, a single percent sign, text
const token = /%%|%\([^()]*\)s|%\([^\s"]*|%.?|[^%]+/gs

/** Returns the function that formats access lines of one worker. Throws `AccessFormatError`. */
export function compileAccessFormat(format: string, context: AccessContext): FormatAccess {
  if (format === 'json') return compileJson(context)
  if (format === 'combined' || format === 'common') return compileAtoms(namedFormats[format], context)
  // probably a misspelt name: as a format, it would write the same text for every request
  if (!format.includes('%'))
    throw new AccessFormatError(`"${format}" is not json, combined or common, and has no atom`, 1)
  return compileAtoms(format, context)
}

function compileAtoms(format: string, context: AccessContext): FormatAccess {
  const parts: Part[] = []
  let literal = ''
  for (const { 0: text, index } of format.matchAll(token)) {
    if (!text.startsWith('%')) literal += requireOneLine(text, index)
    else if (text === '%%') literal += '%'
    else {
      parts.push({ literal, write: compileAtom(text, index, context) })
      literal = ''
    }
  }
  const end = `${literal}\n`
  return (entry) => {
    let line = ''
    for (const part of parts) line += part.literal + part.write(entry)
    return line + end
  }
}

function compileAtom(text: string, index: number, context: AccessContext): WriteAtom {
  const letter = /^%\((.)\)s$/.exec(text)?.[1]
  const atom = letter === undefined ? undefined : atoms.get(letter)
  if (atom) return atom.make(context)
  const [, name = '', kind = ''] = /^%\(\{([^{}]+)\}(.)\)s$/.exec(text) ?? []
  const family = families.get(kind)
  if (family && (family.names === undefined || family.names.includes(name))) return family.make(name, context)
  throw new AccessFormatError(text === '%' ? 'dangling "%"' : `unknown atom "${text}"`, index + 1)
}

function requireOneLine(literal: string, index: number): string {
  const at = literal.search(/[\r\n]/)
  if (at !== -1)
    throw new AccessFormatError('line break in the format (a record is one line)', index + at + 1)
  return literal
}

function knownAtoms(): string[] {
  const braced = Object.entries(accessAtomFamilies).map(([kind, { argument }]) => `%({${argument}}${kind})s`)
  return [...Object.keys(accessAtoms).map((letter) => `%(${letter})s`), ...braced]
}
