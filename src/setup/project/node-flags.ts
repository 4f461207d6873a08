// What the flags before the entry file mean, of node and of the programs that wrap it (tsx, ts-node,
// nodemon). Pure.

/** What a command line gives to Node.js besides the entry file. */
export interface NodeFlags {
  /** Flags that a worker gets as well, such as --max-old-space-size=4096. */
  readonly nodeArgs: readonly string[]
  /** Modules that are loaded before the app. */
  readonly imports: readonly string[]
  readonly envFiles: readonly string[]
  /** What is left out on purpose, with the reason. */
  readonly dropped: readonly string[]
}

/** Flags whose value is the next word, if it is not behind `=`. */
const withValue = new Set(
  (
    '-r --require --import --loader --experimental-loader --env-file --env-file-if-exists -C --conditions ' +
    '--title --icu-data-dir --watch-path --disable-warning -P --project --tsconfig -w --watch -i --ignore ' +
    '-e --ext --exec -x --delay -d --signal --compiler -O'
  ).split(' '),
)

/** Of node itself `-e` runs a text and `--watch` has no value. */
const withoutValueInNode = new Set(['--watch', '-w', '-i', '-x', '-d'])

/** Modules that load TypeScript, which tsgun does by itself. */
const typescriptLoaders =
  /^(?:tsx|ts-node|esbuild-register|@swc-node\/register|@swc\/register|tsconfig-paths)(?:\/|$)/

export interface FlagWords {
  readonly flags: readonly (readonly [flag: string, value: string | undefined])[]
  /** The entry file and what follows. */
  readonly rest: readonly string[]
}

/** Splits the flags before the entry file from it. `isNode`: of node, not of a program that wraps it. */
export function takeFlags(words: readonly string[], isNode: boolean): FlagWords {
  const flags: [string, string | undefined][] = []
  let index = 0
  while (index < words.length) {
    const word = words[index] ?? ''
    if (!/^-./.test(word)) break
    index += 1
    if (word === '--') break
    const at = word.startsWith('--') ? word.indexOf('=') : -1
    const flag = at === -1 ? word : word.slice(0, at)
    const takesNext = at === -1 && withValue.has(flag) && !(isNode && withoutValueInNode.has(flag))
    flags.push([flag, at === -1 ? (takesNext ? words[index] : undefined) : word.slice(at + 1)])
    if (takesNext) index += 1
  }
  return { flags, rest: words.slice(index) }
}

/** Sorts flags by what becomes of them. Flags of a wrapper are for development, so that they are left out. */
export function readFlags(flags: FlagWords['flags'], isNode: boolean): NodeFlags {
  const nodeArgs: string[] = []
  const imports: string[] = []
  const envFiles: string[] = []
  const dropped: string[] = []
  for (const [flag, value] of flags) {
    const written = value === undefined ? flag : `${flag}${flag.startsWith('--') ? '=' : ' '}${value}`
    if (/^(?:-r|--require|--import)$/.test(flag) && value !== undefined) preload(value)
    else if (/^--(?:experimental-)?loader$/.test(flag))
      dropped.push(`${written}: tsgun loads TypeScript itself`)
    else if (flag === '--env-file' && value !== undefined) envFiles.push(value)
    else if (flag === '--env-file-if-exists') dropped.push(`${written}: env_file needs the file to exist`)
    else if (/^--(?:watch|inspect)/.test(flag))
      dropped.push(`${written}: for development, see tsgun --reload`)
    else if (/^--experimental-(?:strip|transform)-types$/.test(flag) || !isNode) continue
    else nodeArgs.push(written)
  }
  return { nodeArgs, imports, envFiles, dropped }

  function preload(name: string): void {
    if (typescriptLoaders.test(name)) dropped.push(`${name}: tsgun loads TypeScript and its paths itself`)
    else if (/^dotenv\/config(?:\.js)?$/.test(name)) envFiles.push('.env')
    else imports.push(name)
  }
}
