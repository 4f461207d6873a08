// A mask or mode that is a number in JSON or YAML: refused, because both read 022 as 22, and YAML 0o640 as
// 416. Pure.

import type { Found } from './check-value.ts'
import type { Problem } from '../problems/problem.ts'
import type { Setting } from '../settings/row.ts'

/** The number is not used: what was meant may be its digits, or its value. */
export function bareMode({ value, given, where, written: name, format }: Found, row: Setting): Problem[] {
  if (row.unit !== 'mode' || typeof value !== 'number' || !['json', 'yaml'].includes(format)) return []
  const meant = meantBy(value, String(given))
  const message =
    `expected octal digits as text, because a number is decimal in ${format.toUpperCase()}; got ` +
    `${String(given)}; write ${meant === undefined ? 'text such as "022"' : `"${meant}" in quotes`}`
  return [{ where, name, message }]
}

/** What the file has as numbers that begin with a zero, by setting: 0o640, of which a parser makes 416. */
export function octalLiterals(yaml: string): Readonly<Record<string, string>> {
  const lines = yaml.matchAll(/^["']?(\w+)["']?\s*:[ \t]+(0o?[0-7]+)[ \t]*(?:#.*)?\r?$/gm)
  return Object.fromEntries([...lines].map(([, name = '', literal = '']) => [name, literal]))
}

function meantBy(value: number, given: string): string | undefined {
  const literal = /^0o?([0-7]+)$/.exec(given)?.[1]
  const digits = literal ?? (isModeLike(given) ? given : value.toString(8))
  const shown = digits.replace(/^0+(?=\d{3})/, '').padStart(3, '0')
  return /^[0-7]{3}$/.test(shown) ? shown : undefined
}

/** 640 gives owner, group and others ever less, and 022 ever more; 416, which is octal 640, does neither. */
function isModeLike(text: string): boolean {
  if (!/^[0-7]{1,3}$/.test(text)) return false
  const [owner = 0, group = 0, others = 0] = [...text.padStart(3, '0')].map(Number)
  const falls = (owner & group) === group && (group & others) === others
  const rises = (owner & group) === owner && (group & others) === group
  return falls || rises
}
