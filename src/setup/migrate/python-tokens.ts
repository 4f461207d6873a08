// The tokens of a Python expression. Pure.

export type Token =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string; readonly isFormat: boolean }
  /** Dotted names are one token: `os.environ.get`. */
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'sign'; readonly text: string }

const long = /"""(?<long>(?:\\.|[^\\])*?)"""|'''(?<long2>(?:\\.|[^\\])*?)'''/.source
const short = /"(?<short>(?:\\.|[^"\\\n])*)"|'(?<short2>(?:\\.|[^'\\\n])*)'/.source
const number = /0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?|\.\d+/
  .source

const pattern = new RegExp(
  [
    String.raw`(?<space>\s+|#[^\n]*|\\\n)`,
    `(?<string>(?<prefix>[rRbBuUfF]{0,2})(?:${long}|${short}))`,
    `(?<number>${number})`,
    String.raw`(?<name>[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)`,
    String.raw`(?<sign>\/\/|\*\*|[\-+*\/%\(\)\[\]\{\},:=.<>!&\|\^~@])`,
  ].join('|'),
  'gsy',
)

/** Undefined when a character belongs to no token. */
export function readTokens(text: string): Token[] | undefined {
  const matches = [...text.matchAll(pattern)]
  const end = matches.reduce((length, [whole]) => length + whole.length, 0)
  return end === text.length ? matches.flatMap(({ groups }) => tokenOf(groups ?? {})) : undefined
}

function tokenOf(groups: Readonly<Record<string, string | undefined>>): Token[] {
  const { string, prefix = '', number: digits, name, sign } = groups
  if (string !== undefined) {
    const inside = groups['long'] ?? groups['long2'] ?? groups['short'] ?? groups['short2'] ?? ''
    const value = /r/i.test(prefix) ? inside : unescape(inside)
    return [{ kind: 'string', value, isFormat: /f/i.test(prefix) }]
  }
  if (digits !== undefined) return [{ kind: 'number', value: Number(digits.replaceAll('_', '')) }]
  if (name !== undefined) return [{ kind: 'name', text: name.replace(/\s/g, '') }]
  return sign === undefined ? [] : [{ kind: 'sign', text: sign }]
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\n': '', '0': '\0' }

function unescape(text: string): string {
  return text.replace(
    /\\(?:x([\da-f]{2})|u([\da-f]{4})|(.))/gis,
    (_, byte?: string, unit?: string, char?: string) => {
      const code = byte ?? unit
      if (code !== undefined) return String.fromCharCode(parseInt(code, 16))
      return escapes[char ?? ''] ?? (/["'\\]/.test(char ?? '') ? (char ?? '') : `\\${char ?? ''}`)
    },
  )
}
