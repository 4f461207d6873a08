// Runs in a worker, once at boot: the names of the parameters of a function of the user, read from its
// source. They tell apart kinds of functions that look alike. Pure.

/**
 * Returns the names, with `...` before that of a rest parameter. Undefined when they are not known: a bound
 * or native function has no source, and one that reads `arguments` may use more than it names.
 */
export function parameterNames(callee: unknown): readonly string[] | undefined {
  if (typeof callee !== 'function') return undefined
  const source = Function.prototype.toString.call(callee)
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source) || /\barguments\b/.test(source)) return undefined
  const single = /^(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(source)?.[1]
  if (single !== undefined) return [single]
  const list = listOf(source)
  return list === undefined ? undefined : splitTop(list).map(nameOf)
}

/** The text between the parentheses of the parameters. */
function listOf(source: string): string | undefined {
  const start = source.indexOf('(')
  let depth = 0
  for (let at = start; at >= 0 && at < source.length; at += 1) {
    depth += depthOf(source[at])
    if (depth === 0) return source.slice(start + 1, at)
  }
  return undefined
}

/** Splits at the commas that are in no bracket. */
function splitTop(list: string): readonly string[] {
  const parts = ['']
  let depth = 0
  for (const character of list) {
    depth += depthOf(character)
    if (character === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

const depths: Readonly<Record<string, number>> = { '(': 1, '[': 1, '{': 1, ')': -1, ']': -1, '}': -1 }
const depthOf = (character: string | undefined): number => depths[character ?? ''] ?? 0

/** Without its default; the text of a pattern for one that is destructured. */
function nameOf(parameter: string): string {
  return /^(?:\.\.\.)?[\p{ID_Start}$_][\p{ID_Continue}$]*/u.exec(parameter)?.[0] ?? parameter
}
