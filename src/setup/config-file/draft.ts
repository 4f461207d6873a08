// A config that is about to be written: what init and migrate found, as parts in the order of the file. Pure.

/** One setting. Its value is code: `'./app.ts'`, `2`, `process.env.PORT`. */
export interface DraftSetting {
  readonly name: string
  readonly code: string
  /** Lines above it. */
  readonly comment?: readonly string[]
  /** Written as a comment: a suggestion. */
  readonly off?: boolean
}

/** Text without a setting: what could not be carried over. */
export interface DraftNote {
  readonly comment: readonly string[]
}

export type DraftPart = DraftSetting | DraftNote

export interface Draft {
  /** Comment lines at the top of the file. */
  readonly head: readonly string[]
  readonly parts: readonly DraftPart[]
}

/** The value as a TypeScript literal, with single quotes, in one line. */
export function literal(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([name, part]) => `${propertyName(name)}: ${literal(part)}`)
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
  }
  return String(value)
}

function quoted(text: string): string {
  const inside = JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"').replace(/'/g, "\\'")
  return `'${inside.replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`)}'`
}

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name)
}
