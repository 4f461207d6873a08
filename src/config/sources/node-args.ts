// Runs in the arbiter, when a config is loaded: the flags of Node.js that workers are started with: those of
// the master, then `node_args`. What cannot work in a worker is refused here, with the reason.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { refusedByNode } from '../../os/process/check-node-flags.ts'
import { absoluteFlags, absoluteNodeOptions, parseFlags, type Flag } from '../../os/process/node-flags.ts'
import { splitWords } from './split-words.ts'

export interface NodeFlags {
  /** Of each worker; paths in them are absolute. */
  readonly flags: readonly string[]
  /** NODE_OPTIONS of the master, also with absolute paths; undefined when it is not set. */
  readonly nodeOptions: { readonly written: string; readonly absolute: string } | undefined
}

export interface NodeFlagParts {
  /** `node_args`. */
  readonly setting: string | readonly string[]
  /** The flags of the master. */
  readonly execArgv: readonly string[]
  readonly environment: NodeJS.ProcessEnv
  /** Where the master was started: its flags start there. */
  readonly directory: string
  /** `chdir`: `node_args` start there. */
  readonly base: string
}

const otherProgram = 'it makes Node run something else than the worker'

/** Why workers cannot have a flag. */
const refused: Readonly<Record<string, string>> = {
  '-': otherProgram,
  '--': otherProgram,
  '-e': otherProgram,
  '--eval': otherProgram,
  '-p': otherProgram,
  '-pe': otherProgram,
  '--print': otherProgram,
  '-c': otherProgram,
  '--check': otherProgram,
  '-i': otherProgram,
  '--interactive': otherProgram,
  '-h': otherProgram,
  '--help': otherProgram,
  '-v': otherProgram,
  '--version': otherProgram,
  '--v8-options': otherProgram,
  '--completion-bash': otherProgram,
  '--prof-process': otherProgram,
  '--run': otherProgram,
  '--test': otherProgram,
  '--build-sea': otherProgram,
  '--build-snapshot': otherProgram,
  '--build-snapshot-config': otherProgram,
  '--snapshot-blob': otherProgram,
  '--experimental-sea-config': otherProgram,
  '--input-type': 'it is for code on the command line; set "type" in package.json',
  '--watch': 'write `reload: true`',
  '--watch-path': 'write `reload_extra_files`',
  '--env-file': 'write `env_file`',
  '--env-file-if-exists': 'write `env_file`',
  '--title': 'write `proc_name`',
}

/** Each of these names a module that Node loads before the worker. */
const preloads: readonly string[] = ['-r', '--require', '--import', '--loader', '--experimental-loader']

/** Resolves with the flags, or with the reason why `node_args` cannot be used. */
export async function readNodeFlags(parts: NodeFlagParts): Promise<NodeFlags | string> {
  const { setting, execArgv, environment, directory, base } = parts
  const words = wordsOf(setting)
  if (typeof words === 'string') return words
  const own = absoluteFlags(words, { from: base, to: base })
  const inherited = absoluteFlags(execArgv.map(withFreePort), { from: directory, to: base })
  const problem =
    firstProblem(words, own) ?? (own.length > 0 ? await nodesProblem([...inherited, ...own]) : undefined)
  if (problem !== undefined) return problem
  const { NODE_OPTIONS: written } = environment
  const absolute = written === undefined ? '' : absoluteNodeOptions(written, { from: directory, to: base })
  return {
    flags: [...inherited, ...own],
    nodeOptions: written === undefined ? undefined : { written, absolute },
  }
}

/** Text is split as a shell splits it. */
function wordsOf(setting: string | readonly string[]): readonly string[] | string {
  if (typeof setting !== 'string') return setting
  try {
    return splitWords(setting)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return error.message
  }
}

async function nodesProblem(flags: readonly string[]): Promise<string | undefined> {
  const refusal = await refusedByNode(flags)
  return refusal === undefined ? undefined : `Node.js ${process.version} refuses them: ${refusal}`
}

function firstProblem(words: readonly string[], absolute: readonly string[]): string | undefined {
  return [...parseFlags(words).map(problemOf), ...parseFlags(absolute).map(missingFile)].find(
    (problem) => problem !== undefined,
  )
}

function problemOf({ name, value, words: [word = ''] }: Flag): string | undefined {
  if (!word.startsWith('-')) return `expected a flag of Node.js; got "${word}"`
  if (/^-[^=\s]*\s/.test(word)) return `write "${word}" as two words of the list`
  const reason = Object.hasOwn(refused, name) ? refused[name] : undefined
  if (reason !== undefined) return `workers cannot have ${name}: ${reason}`
  const fixedPort = /^--inspect(?:-brk|-wait)?$/.test(name) && !/(?:^|:)0$/.test(value ?? '')
  return fixedPort ? `workers cannot share the port of ${word}; write "${name}=0"` : undefined
}

/** Only of a path: where a package is found is a matter of Node. */
function missingFile({ name, value = '' }: Flag): string | undefined {
  if (!preloads.includes(name)) return undefined
  const file = value.startsWith('file:') ? fileURLToPath(value) : value
  const candidates = [file, `${file}.js`, `${file}.cjs`, `${file}.json`]
  const isMissing = file.startsWith('/') && !candidates.some((candidate) => existsSync(candidate))
  return isMissing ? `there is no file ${file} (${name})` : undefined
}

/** The inspector of the master has the port already. */
function withFreePort(word: string): string {
  return word.replace(/^(--inspect(?:-brk|-wait)?)(?:=.*)?$/s, '$1=0')
}
