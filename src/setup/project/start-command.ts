// What a command such as `cross-env NODE_ENV=production node -r dotenv/config dist/main` starts: the
// program, its entry file, and what is set around it. Pure. Scripts of package.json are followed.

import { readFlags, takeFlags, type NodeFlags } from './node-flags.ts'
import { simpleCommands, splitAssignments, type SimpleCommand } from './shell-words.ts'

export interface StartCommand extends NodeFlags {
  /** The command that starts the server, as it is written. */
  readonly text: string
  /** `node` for all programs that run a file as node does; else the name, such as `next`. */
  readonly program: string
  /** The words after the flags; with `node`, the entry file first. */
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** Programs that run a file as node does. */
const runners = new Set(
  (
    'node nodejs tsx ts-node ts-node-esm ts-node-dev tsnd nodemon node-dev bun babel-node swc-node ' + 'esno'
  ).split(' '),
)

/** Programs that start the program behind them. */
const wrappers = new Set(
  'cross-env cross-env-shell env exec npx bunx dotenvx dotenv time nice sudo'.split(' '),
)

/** npm and its kind run a script, or a program of node_modules/.bin. */
const managers = new Set(['npm', 'pnpm', 'yarn', 'bun'])

/** Other programs that serve: in `node app.js | pino-pretty` the last command does not. */
const servers = new Set(
  (
    'node next nuxt nuxi nest fastify react-router-serve remix-serve strapi astro vite node-red ' +
    'pm2 pm2-runtime tsgun'
  ).split(' '),
)

/** Scripts that call each other are followed this far. */
const deepest = 5

/** The last command of the text that serves, or the last one. Undefined when the text starts nothing. */
export function readStart(
  text: string,
  scripts: Readonly<Record<string, string>>,
  depth = 0,
): StartCommand | undefined {
  if (depth > deepest) return undefined
  const found = simpleCommands(text).flatMap((command) => readCommand(command, text, scripts, depth) ?? [])
  return found.findLast(({ program }) => servers.has(program)) ?? found.at(-1)
}

function readCommand(
  { words, env }: SimpleCommand,
  text: string,
  scripts: Readonly<Record<string, string>>,
  depth: number,
): StartCommand | undefined {
  const [first, ...rest] = words
  if (first === undefined) return undefined
  const program = first.replace(/^.*\//, '').replace(/\.(?:js|cmd)$/, '')
  const inner = (inside: SimpleCommand): StartCommand | undefined => {
    const found = readCommand(inside, text, scripts, depth)
    return found && { ...found, env: { ...env, ...found.env } }
  }
  if (managers.has(program) && !/\.[cm]?[jt]sx?$/.test(rest[0] ?? '')) {
    const script = scriptOf(rest, scripts)
    if (script !== undefined) {
      const found = readStart(script, scripts, depth + 1)
      return found && { ...found, env: { ...env, ...found.env } }
    }
    return inner(splitAssignments(programOf(rest)))
  }
  if (wrappers.has(program)) return inner(unwrapped(rest))
  const isNode = program === 'node' || program === 'nodejs'
  if (!runners.has(program)) {
    const none = { nodeArgs: [], imports: [], envFiles: [], dropped: [] }
    return { text, program, words: rest, env, ...none }
  }
  const { flags, rest: entry } = takeFlags(
    rest[0] === 'watch' || rest[0] === 'run' ? rest.slice(1) : rest,
    isNode,
  )
  return { text, program: 'node', words: entry, env, ...readFlags(flags, isNode) }
}

/** `npm start`, `npm run serve -- --port 3000`, `yarn serve`: the text of the script. */
function scriptOf(words: readonly string[], scripts: Readonly<Record<string, string>>): string | undefined {
  const names = words.filter((word) => !word.startsWith('-') && word !== 'run' && word !== 'run-script')
  const [name] = names
  if (name === undefined || !Object.hasOwn(scripts, name)) return undefined
  const more = words.includes('--') ? words.slice(words.indexOf('--') + 1) : []
  return [scripts[name] ?? '', ...more].join(' ')
}

/** `pnpm exec tsx app.ts`, `yarn tsx app.ts`. */
function programOf(words: readonly string[]): readonly string[] {
  const rest = words[0] === 'exec' || words[0] === 'dlx' || words[0] === 'x' ? words.slice(1) : words
  return rest[0] === '--' ? rest.slice(1) : rest
}

/** Skips the flags of a wrapper: `dotenv -e .env --`, `npx --no-install`, `env -i`. */
function unwrapped(words: readonly string[]): SimpleCommand {
  const end = words.indexOf('--')
  if (end !== -1) return splitAssignments(words.slice(end + 1))
  const isValue = (index: number): boolean => /^-(?:[eupc]|-package)$/.test(words[index - 1] ?? '')
  const first = words.findIndex((word, index) => !word.startsWith('-') && word !== 'run' && !isValue(index))
  return splitAssignments(first === -1 ? [] : words.slice(first))
}
