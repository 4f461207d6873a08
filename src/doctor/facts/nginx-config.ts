// Reads nginx's configuration as far as the doctor needs it: blocks and directives, without variables. Pure.

export interface Directive {
  readonly name: string
  readonly words: readonly string[]
  /** Of a block; empty for a plain directive. */
  readonly inside: readonly Directive[]
}

/** Text in another format gives few or no directives, never an error. */
export function parseNginx(text: string): readonly Directive[] {
  const tokens = [...text.matchAll(/#[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{};]|[^\s{};]+/gs)]
    .map(([token]) => token)
    .filter((token) => !token.startsWith('#'))
  return block(tokens, { at: 0 })
}

function block(tokens: readonly string[], place: { at: number }): Directive[] {
  const found: Directive[] = []
  let words: string[] = []
  while (place.at < tokens.length) {
    const token = tokens[place.at] ?? ''
    place.at += 1
    if (token === '}') break
    if (token !== ';' && token !== '{') {
      words.push(token.replace(/^(["'])(.*)\1$/s, '$2'))
      continue
    }
    const [name = '', ...rest] = words
    found.push({ name, words: rest, inside: token === '{' ? block(tokens, place) : [] })
    words = []
  }
  return found
}

/** All directives of a name, in blocks of any depth. */
export function allNamed(directives: readonly Directive[], name: string): readonly Directive[] {
  return directives.flatMap((each) => [...(each.name === name ? [each] : []), ...allNamed(each.inside, name)])
}

/** The first value of a directive in a block itself. */
export function valueIn(inside: readonly Directive[], name: string): string | undefined {
  return inside.find((each) => each.name === name)?.words[0]
}

/** `60s`, `1m`, `75`: seconds. */
export function seconds(text: string | undefined): number | undefined {
  const [, number, unit = 's'] = /^(\d+)(ms|s|m|h)?$/.exec(text ?? '') ?? []
  const factors: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 }
  return number === undefined ? undefined : Number(number) * (factors[unit] ?? 1)
}
