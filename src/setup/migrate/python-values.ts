// Evaluates the expressions that configs of gunicorn are made of: literals, arithmetic with them, the number
// of processors, and variables of the environment. Everything else is refused. Nothing is executed. Pure.

import { readTokens, type Token } from './python-tokens.ts'
import { literal } from '../config-file/draft.ts'

export type PythonValue =
  | { readonly kind: 'literal'; readonly value: unknown }
  /** Computed from the number of processors. */
  | { readonly kind: 'processors' }
  /** TypeScript that reads process.env. */
  | { readonly kind: 'code'; readonly code: string; readonly isNumber: boolean }

/** It is no expression of these. */
class Refused extends Error {}

/** `names`: variables that were assigned before. Undefined for an expression that is not understood. */
export function pythonValue(
  expression: string,
  names: ReadonlyMap<string, PythonValue>,
): PythonValue | undefined {
  try {
    const parser = new Parser(readTokens(expression) ?? refuse(), names)
    const value = parser.list()
    return parser.isAtEnd ? value : undefined
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}

const of = (value: unknown): PythonValue => ({ kind: 'literal', value })

const constants: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['True', true],
  ['False', false],
  ['None', null],
])

const processorCalls = /^(?:multiprocessing\.|mp\.|os\.)?cpu_count$|^os\.process_cpu_count$/
const environmentCalls = /^(?:os\.)?(?:environ\.get|getenv)$/

class Parser {
  readonly #tokens: readonly Token[]
  readonly #names: ReadonlyMap<string, PythonValue>
  #at = 0

  constructor(tokens: readonly Token[], names: ReadonlyMap<string, PythonValue>) {
    this.#tokens = tokens
    this.#names = names
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length
  }

  /** `a, b` without parentheses is a tuple. */
  list(): PythonValue {
    const first = this.#sum()
    if (!this.#is(',')) return first
    const all = [first]
    while (this.#take(',') && !this.isAtEnd && !this.#is(')')) all.push(this.#sum())
    return of(all.map(plain))
  }

  #sum(): PythonValue {
    let left = this.#product()
    while (this.#is('+') || this.#is('-')) left = combine(this.#next(), left, this.#product())
    return left
  }

  #product(): PythonValue {
    let left = this.#unary()
    while (['*', '/', '//', '%'].some((sign) => this.#is(sign)))
      left = combine(this.#next(), left, this.#unary())
    return left
  }

  #unary(): PythonValue {
    if (this.#take('-')) return combine('-', of(0), this.#unary())
    return this.#atom()
  }

  #atom(): PythonValue {
    const token = this.#tokens[this.#at] ?? refuse()
    this.#at += 1
    if (token.kind === 'number') return of(token.value)
    if (token.kind === 'string') return this.#strings(token)
    if (token.text === '(') return this.#parentheses()
    if (token.text === '[') return of(this.#items(']').map(plain))
    if (token.text === '{') return this.#dictionary()
    if (token.kind === 'name') return this.#name(token.text)
    return refuse()
  }

  /** Strings that stand beside each other are one. */
  #strings(first: Token & { readonly kind: 'string' }): PythonValue {
    let whole = this.#text(first)
    for (;;) {
      const next = this.#tokens[this.#at]
      if (next?.kind !== 'string') return whole
      this.#at += 1
      whole = combine('+', whole, this.#text(next))
    }
  }

  /** An f-string: its parts are names and expressions of this kind. */
  #text({ value, isFormat }: Token & { readonly kind: 'string' }): PythonValue {
    if (!isFormat) return of(value)
    const parts = value.split(/\{([^{}:!]*)\}/)
    const values = parts.map((part, index) =>
      index % 2 === 0 ? of(part) : (pythonValue(part, this.#names) ?? refuse()),
    )
    return values.reduce((left, right) => combine('+', left, asText(right)), of(''))
  }

  #parentheses(): PythonValue {
    if (this.#take(')')) return of([])
    const value = this.list()
    return this.#take(')') ? value : refuse()
  }

  #items(end: string): PythonValue[] {
    const items: PythonValue[] = []
    while (!this.#take(end)) {
      items.push(this.#sum())
      if (!this.#take(',') && !this.#is(end)) refuse()
    }
    return items
  }

  #dictionary(): PythonValue {
    const pairs: [string, unknown][] = []
    while (!this.#take('}')) {
      const key = plain(this.#sum())
      if (typeof key !== 'string' || !this.#take(':')) refuse()
      pairs.push([String(key), plain(this.#sum())])
      if (!this.#take(',') && !this.#is('}')) refuse()
    }
    return of(Object.fromEntries(pairs))
  }

  #name(name: string): PythonValue {
    if (this.#take('(')) return call(name, this.#items(')'))
    if (name === 'os.environ' && this.#take('[')) return call('os.getenv', this.#items(']'))
    if (constants.has(name)) return of(constants.get(name))
    return this.#names.get(name) ?? refuse()
  }

  #is(text: string): boolean {
    const token = this.#tokens[this.#at]
    return token?.kind === 'sign' && token.text === text
  }

  #take(text: string): boolean {
    if (!this.#is(text)) return false
    this.#at += 1
    return true
  }

  #next(): string {
    const token = this.#tokens[this.#at]
    this.#at += 1
    return token?.kind === 'sign' ? token.text : refuse()
  }
}

function call(name: string, values: readonly PythonValue[]): PythonValue {
  const [first, second] = values
  if (processorCalls.test(name) && values.length === 0) return { kind: 'processors' }
  if (environmentCalls.test(name) && first !== undefined) return variable(plain(first), second)
  if ((name === 'int' || name === 'float') && first !== undefined) return asNumber(first)
  if (name === 'str' && first !== undefined) return asText(first)
  if (/^(?:min|max)$/.test(name) && values.some(({ kind }) => kind === 'processors'))
    return { kind: 'processors' }
  return refuse()
}

function variable(name: unknown, fallback: PythonValue | undefined): PythonValue {
  if (typeof name !== 'string' || !/^[A-Za-z_]\w*$/.test(name)) return refuse()
  const value = fallback === undefined ? undefined : plain(fallback)
  const isMissing = value === undefined || value === null
  const code = `process.env.${name}${isMissing ? '' : ` ?? ${literal(String(value))}`}`
  return { kind: 'code', code, isNumber: false }
}

function asNumber(value: PythonValue): PythonValue {
  if (value.kind === 'code') return { kind: 'code', code: `Number(${value.code})`, isNumber: true }
  if (value.kind === 'processors') return value
  const number = Number(value.value)
  return Number.isNaN(number) ? refuse() : of(Math.trunc(number))
}

function asText(value: PythonValue): PythonValue {
  return value.kind === 'literal' ? of(String(value.value)) : value
}

function combine(sign: string, left: PythonValue, right: PythonValue): PythonValue {
  if (left.kind === 'processors' || right.kind === 'processors') return { kind: 'processors' }
  if (left.kind === 'literal' && right.kind === 'literal') return of(compute(sign, left.value, right.value))
  const isText = [left, right].every((value) => value.kind === 'code' || typeof value.value === 'string')
  if (sign !== '+' || !isText) return refuse()
  return { kind: 'code', code: `\`${inTemplate(left)}${inTemplate(right)}\``, isNumber: false }
}

function inTemplate(value: PythonValue): string {
  if (value.kind === 'literal') return String(value.value).replace(/[`\\]|\$\{/g, '\\$&')
  if (value.kind === 'processors') return refuse()
  return value.code.startsWith('`') ? value.code.slice(1, -1) : `\${${value.code}}`
}

function compute(sign: string, left: unknown, right: unknown): unknown {
  if (sign === '+' && typeof left === 'string' && typeof right === 'string') return left + right
  if (sign === '+' && Array.isArray(left) && Array.isArray(right)) return [...left, ...right] as unknown[]
  if (typeof left !== 'number' || typeof right !== 'number') return refuse()
  const results: Readonly<Record<string, number>> = {
    '+': left + right,
    '-': left - right,
    '*': left * right,
    '/': left / right,
    '//': Math.floor(left / right),
    '%': left % right,
  }
  return results[sign] ?? refuse()
}

/** The value of a literal; code inside of a list is refused. */
function plain(value: PythonValue): unknown {
  return value.kind === 'literal' ? value.value : refuse()
}

function refuse(): never {
  throw new Refused()
}
