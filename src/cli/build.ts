// Runs in the command `tsgun build`: makes one executable file, or a folder, of the config, the modules that
// it names, and tsgun.

import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { GenerationLoader } from '../arbiter/reload/generation-loader.ts'
import { BuildError } from '../build/problems/build-error.ts'
import { make, type MakeOptions } from '../build/make.ts'
import { ConfigError } from '../config/problems/problem.ts'
import { createCommand, parseArguments } from '../config/sources/flags.ts'
import { exitCodes } from '../ipc/exit-codes.ts'
import { createArbiterLoader } from '../modules/loader.ts'

const help = `Usage: tsgun build [-c FILE] (--outfile FILE | --outdir DIRECTORY)

Makes one executable file, or a folder that runs with "node DIRECTORY", of the config, the app, hooks,
tasks, services, schedules and tsgun. The target needs no node_modules, no compiler and no network.

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
    await make({
      ...(await loadedConfig(config, environment, directory)),
      target: resolve(directory, target),
      isFile: outfile !== undefined,
      include,
      external,
      checks: !values['no-check'],
    })
    process.stdout.write(`${target} is made\n`)
    return exitCodes.ok.code
  } catch (error) {
    if (!isMendable(error)) throw error
    process.stderr.write(`tsgun build: ${error.message}\n`)
    return exitCodes.refused.code
  }
}

/** By the user: the command line, the project, a full disk. */
function isMendable(error: unknown): error is Error {
  if (error instanceof BuildError || error instanceof ConfigError) return true
  const isOption = error instanceof TypeError && 'code' in error
  return isOption || (error instanceof Error && 'syscall' in error)
}

async function loadedConfig(
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
  directory: string,
): Promise<Pick<MakeOptions, 'config' | 'file'>> {
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
