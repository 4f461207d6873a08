// Runs in the command `tsgun build`: makes one executable file, or a folder, of the config, the modules that
// it names, and tsgun. What was made is tried: it must load its app with nothing of this machine.

import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { GenerationLoader } from '../arbiter/reload/generation-loader.ts'
import { BuildError } from '../build/build-error.ts'
import { buildExecutable } from '../build/executable.ts'
import { buildFolder, requireOwn } from '../build/folder.ts'
import type { LoadedConfig } from '../config/load.ts'
import { ConfigError } from '../config/problems/problem.ts'
import { createCommand, parseArguments } from '../config/sources/flags.ts'
import { environmentNames } from '../ipc/environment.ts'
import { exitCodes } from '../ipc/exit-codes.ts'
import { createArbiterLoader } from '../modules/loader.ts'
import { messageOf } from '../os/error-message.ts'
import { runNode } from '../os/process/run-node.ts'

const help = `Usage: tsgun build [-c FILE] (--outfile FILE | --outdir DIRECTORY)

Makes one executable file, or a folder that runs with "node DIRECTORY", of the config, the app, hooks,
tasks and tsgun. The target needs no node_modules, no compiler and no network.

Options:
  -c, --config <file>   Config file (default: as for tsgun)
  --outfile <file>      The executable file, which contains this Node.js
  --outdir <directory>  The folder, for a Node.js that is on the target
  --include <path>      A file or folder that the app reads beside its code; repeatable
  --external <package>  A package to copy as it is instead of bundling it; repeatable
  --no-check            Do not load the app from what was made
  -h, --help            Show this help
`

const options = {
  config: { type: 'string', short: 'c' },
  outfile: { type: 'string' },
  outdir: { type: 'string' },
  include: { type: 'string', multiple: true },
  external: { type: 'string', multiple: true },
  'no-check': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** Resolves with the exit code. */
export async function build(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  directory: string,
): Promise<number> {
  try {
    const { values } = parseArgs({ args: [...words], options, strict: true })
    if (values.help) {
      process.stdout.write(help)
      return exitCodes.ok.code
    }
    const { config, outfile, outdir, include = [], external = [] } = values
    const target = outfile ?? outdir
    if (target === undefined || (outfile !== undefined && outdir !== undefined))
      throw new BuildError('expected either --outfile FILE or --outdir DIRECTORY')
    await run({
      loaded: await loadedConfig(config, environment, directory),
      target: resolve(directory, target),
      isFile: outfile !== undefined,
      include,
      external,
      checks: !values['no-check'],
    })
    process.stdout.write(`${target} is made\n`)
    return exitCodes.ok.code
  } catch (error) {
    const isOption = error instanceof TypeError && 'code' in error
    if (!(error instanceof BuildError || error instanceof ConfigError || isOption)) throw error
    process.stderr.write(`tsgun build: ${error.message}\n`)
    return exitCodes.refused.code
  }
}

interface Loaded {
  readonly config: LoadedConfig
  readonly file: string
}

interface Wanted {
  readonly loaded: Loaded
  readonly target: string
  readonly isFile: boolean
  readonly include: readonly string[]
  readonly external: readonly string[]
  readonly checks: boolean
}

/** What was at the target stays when the build fails. */
async function run({ loaded, target, isFile, include, external, checks }: Wanted): Promise<void> {
  if (!isFile) requireOwn(target)
  const temporary = mkdtempSync(join(tmpdir(), 'tsgun-folder-'))
  const made = `${target}.${process.pid}`
  try {
    const outdir = isFile ? join(temporary, 'folder') : made
    const { config, file } = loaded
    const { notes, packages } = await buildFolder({ config, file, outdir, external, include })
    for (const note of notes) process.stderr.write(`not bundled: ${note}\n`)
    if (packages.length > 0) process.stdout.write(`copied as packages: ${packages.join(', ')}\n`)
    if (isFile) await buildExecutable(outdir, made, basename(target))
    if (checks)
      await check(isFile ? { program: made, words: [] } : { program: process.execPath, words: [made] })
    if (!isFile) rmSync(target, { recursive: true, force: true })
    renameSync(made, target)
  } finally {
    for (const path of [temporary, made]) rmSync(path, { recursive: true, force: true })
  }
}

interface Made {
  readonly program: string
  readonly words: readonly string[]
}

/** In an empty directory, with an empty PATH. */
async function check({ program, words }: Made): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-check-'))
  try {
    const environment = {
      ...process.env,
      PATH: '',
      NODE_PATH: '',
      TSGUN_UNPACK_DIR: directory,
      [environmentNames.buildCheck]: '1',
    }
    await runNode([...words, '--check-config'], { program, directory, environment })
  } catch (error) {
    throw new BuildError(`what was made does not run: ${messageOf(error)}`, { cause: error })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function loadedConfig(
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
  directory: string,
): Promise<Loaded> {
  const words = file === undefined ? [] : ['-c', file]
  const loader = new GenerationLoader({
    input: {
      arguments: parseArguments(words, 'command line', createCommand()),
      environment,
      directory,
      execArgv: process.execArgv,
    },
    loader: createArbiterLoader(),
    onHookFailure: () => undefined,
  })
  try {
    const { config } = await loader.next()
    const { file } = config
    if (file === null) throw new BuildError(`there is no config file in ${directory}: name it with -c`)
    return { config, file }
  } finally {
    loader.discardAll()
  }
}
