// Command-line flags, made from the settings table. Converts text to the values that the schemas of the table
// check later.

import { Command, CommanderError } from 'commander'
import { completeBooleanFlags } from './boolean-flags.ts'
import type { Mistake, Problem } from '../problems/problem.ts'
import { splitCommas } from '../settings/list-of.ts'
import { sections, type Section, type Setting, type TextKind } from '../settings/row.ts'
import { settings, settingNames, type SettingName } from '../settings/table.ts'
import type { Source } from './resolve.ts'

export interface Arguments {
  readonly source: Source
  /** `-c`; undefined to search for the file. */
  readonly configFile: string | undefined
  /** `--json`, for --print-config. */
  readonly json: boolean
  /** Unknown flags, flags without their value, and extra words. */
  readonly problems: readonly Problem[]
  /** About what is accepted and looks like a mistake. */
  readonly warnings: readonly string[]
}

/** Creates the command with all flags, as `tsgun --help` shows it. */
export function createCommand(): Command {
  const command = new Command('tsgun')
    .description('A pre-fork application server for Node.js and TypeScript.')
    .argument('[app]', 'App to serve, "module:export" or "module:factory()"')
    .option(
      '-c, --config <file>',
      'Config file (default: server.config.{ts,mts,cts,js,mjs,cjs,json,yaml,yml} or package.json#tsgun)',
    )
    .helpOption('-h, --help', 'Show this help')
    .option('--json', 'Print JSON (with --print-config)')
  // the keys of the table
  for (const section of Object.keys(sections) as Section[]) addSection(command, section)
  return command
}

/** The kinds of flags that may be repeated, each adding a part of the value. */
const collected: readonly TextKind[] = ['list', 'words', 'pairs', 'parts']

function addSection(command: Command, section: Section): void {
  command.optionsGroup(`${sections[section]}:`)
  for (const name of settingNames) {
    const row: Setting = settings[name]
    if (row.section !== section || row.flag === undefined) continue
    const collect = (text: string, earlier: readonly string[] | undefined): string[] => [
      ...(earlier ?? []),
      text,
    ]
    if (row.text !== undefined && collected.includes(row.text))
      command.option(row.flag, firstSentence(row.doc), collect)
    else command.option(row.flag, firstSentence(row.doc))
  }
}

/** Parses a list of arguments. Throws the CommanderError with exit code 0 of --help and --version. */
export function parseArguments(
  words: readonly string[],
  where: string,
  command = createCommand(),
): Arguments {
  command.exitOverride().configureOutput({ writeErr: () => undefined })
  command.allowUnknownOption().allowExcessArguments() // both are reported below
  const problems: Problem[] = []
  try {
    command.parse(completeBooleanFlags(words), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError) || error.exitCode === 0) throw error
    problems.push({ where, name: '', message: error.message.replace(/^error: /, '').replace(/\n/g, ' ') })
  }
  const options: Readonly<Record<string, unknown>> = command.opts()
  const values = Object.fromEntries(settingNames.flatMap((name) => valueOf(name, options)))
  const { operands, unknown } = split(command.args)
  const [app, ...more] = operands
  problems.push(...unknown.map((word) => unknownFlag(word, words, where)))
  if (unknown.length === 0)
    problems.push(
      ...more.map((word) => ({ where, name: word, message: `expected one app; got "${app}" too` })),
    )
  return {
    source: {
      where,
      values: app === undefined ? values : { ...values, app },
      nameOf: flagName,
      format: 'text',
    },
    configFile: typeof options['config'] === 'string' ? options['config'] : undefined,
    json: options['json'] === true,
    problems,
    warnings: emptyVariables(options['env'], where),
  }
}

/** commander puts unknown flags, and their possible values, after all other words. */
function split(words: readonly string[]): {
  readonly operands: readonly string[]
  readonly unknown: readonly string[]
} {
  const first = words.findIndex(isFlag)
  if (first === -1) return { operands: words, unknown: [] }
  const flags = words.slice(first).filter(isFlag)
  return { operands: words.slice(0, first), unknown: flags }
}

function isFlag(word: string): boolean {
  return /^-./.test(word)
}

/** `-i4` is the flag `-i` with its value. */
function unknownFlag(word: string, words: readonly string[], where: string): Problem {
  const [, name = word, attached] = /^(--[^=]+|-[^-=])=?(.*)$/s.exec(word) ?? []
  const next = words[words.indexOf(word) + 1]
  const following = next === undefined || isFlag(next) ? undefined : next
  const value = attached === undefined || attached === '' ? following : attached
  const mistake: Mistake = { about: 'flag', flag: name, value }
  return { where, name, message: 'unknown flag', mistake }
}

/** Environments that are not variables, though `-e production` makes them so. */
const stages = /^(production|prod|development|dev|staging|test|testing)$/i

function emptyVariables(pairs: unknown, where: string): string[] {
  const words: readonly unknown[] = Array.isArray(pairs) ? pairs : []
  return words
    .filter((pair): pair is string => typeof pair === 'string' && !pair.includes('='))
    .map((name) => {
      const meant = stages.test(name) ? `did you mean -e NODE_ENV=${name}?` : `write -e ${name}=VALUE`
      return `${where}: --env: ${name} sets an empty variable "${name}"; ${meant}`
    })
}

function valueOf(name: SettingName, options: Readonly<Record<string, unknown>>): [string, unknown][] {
  const row: Setting = settings[name]
  if (row.flag === undefined) return []
  const value = options[camelCase(longFlag(row.flag))]
  if (value === undefined) return []
  return [[name, value === 'null' && acceptsNull(row) ? null : fromText(row.text ?? 'text', value)]]
}

/** For these settings the word `null` disables what the config file enables, such as a log. */
function acceptsNull({ schema }: Setting): boolean {
  return schema.safeParse(null).success
}

function fromText(kind: TextKind, value: unknown): unknown {
  if (kind === 'pairs' && Array.isArray(value)) return Object.fromEntries(value.map(splitPair))
  if (kind === 'words' && Array.isArray(value)) return value.flatMap((text) => splitCommas(String(text)))
  if (kind === 'parts' && Array.isArray(value)) return partsOf(value)
  if (typeof value !== 'string') return value
  if (kind === 'number') return toNumber(value)
  return kind === 'flag' ? toBoolean(value) : value
}

/** Parses `size=100M` and `keep=7`; numbers and booleans are converted. */
function partsOf(words: readonly unknown[]): unknown {
  const [only] = words
  if (words.length === 1 && typeof only === 'string' && !only.includes('='))
    return only === 'null' ? null : only
  return Object.fromEntries(words.map(splitPair).map(([name, text]) => [name, toNumber(toBoolean(text))]))
}

function toNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value
}

function toBoolean(text: string): string | boolean {
  return text === 'true' ? true : text === 'false' ? false : text
}

/** Splits `NAME=value`; without `=` the value is empty, as in gunicorn's `--env`. */
function splitPair(pair: unknown): [string, string] {
  const [name = '', ...rest] = String(pair).split('=')
  return [name, rest.join('=')]
}

function flagName(name: string): string {
  const row: Setting | undefined = settings[name as SettingName] // undefined for an unknown name
  return row?.flag ? `--${longFlag(row.flag)}` : name
}

function longFlag(flag: string): string {
  return /--([a-z-]+)/.exec(flag)?.[1] ?? flag
}

function camelCase(flag: string): string {
  return flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function firstSentence(doc: string): string {
  return (/^.*?[.:](?=\s|$)/.exec(doc)?.[0] ?? doc).replace(/`/g, '').replace(/[.:]$/, '')
}
