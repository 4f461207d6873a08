// Runs in `tsgunctl`: finds the path of the control socket. The config is loaded only when no option and no
// variable has the path, because that takes time. Other errors in the config are ignored.

import { Console } from 'node:console'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { baseInBuild, type BuiltProgram } from '../config/sources/built-program.ts'
import type { findConfig } from '../config/sources/find-config.ts'
import { problemLine } from '../config/problems/problem.ts'
import { environmentNames } from '../ipc/environment.ts'

export interface SocketSearch {
  /** `--socket`. */
  readonly socket: string | undefined
  /** `-c`. */
  readonly config: string | undefined
  readonly environment: NodeJS.ProcessEnv
  readonly directory: string
  /** For a program that `tsgun build` has made. */
  readonly built?: BuiltProgram | undefined
}

/** The path of the control socket is not known. */
export class SocketNotFound extends Error {
  override readonly name = 'SocketNotFound'
}

const remedy = `set the path with --socket or ${environmentNames.controlSocket}`

/** Rejects with SocketNotFound. `-c` on the command line takes precedence over the environment. */
export async function findSocket({
  socket,
  config,
  environment,
  directory,
  built,
}: SocketSearch): Promise<string> {
  const named = socket ?? (config === undefined ? environment[environmentNames.controlSocket] : undefined)
  return named === undefined || named === ''
    ? socketOfConfig({ config, environment, directory, built })
    : resolve(directory, named)
}

async function socketOfConfig({
  config,
  environment,
  directory,
  built,
}: Omit<SocketSearch, 'socket'>): Promise<string> {
  const { argumentsFromEnvironment } = await import('../config/load.ts')
  const { resolveSettings } = await import('../config/sources/resolve.ts')
  const words = argumentsFromEnvironment(environment)
  const named =
    config ?? words.findLast(({ configFile }) => configFile !== undefined)?.configFile ?? built?.config
  const found = await readConfig(named, directory)
  if ('message' in found)
    throw new SocketNotFound(`the config cannot be read: ${problemLine(found)}; ${remedy}`)
  const sources = [found.source, ...words.map(({ source }) => source)].filter(
    (source) => source !== undefined,
  )
  const { settings, wrong, problems } = resolveSettings(sources, environment)
  if (wrong.has('control_socket')) {
    const problem = problems.find(({ name }) => /control.socket$/.test(name))
    throw new SocketNotFound(
      `${problem === undefined ? 'control_socket is invalid' : problemLine(problem)}; ${remedy}`,
    )
  }
  const base = resolve(directory, settings.chdir)
  if (settings.control_socket !== null)
    return resolve(built ? baseInBuild(base, built) : base, settings.control_socket)
  const where =
    found.file === null
      ? `no config file in ${directory}, so no control_socket is known`
      : `${found.file} has no control_socket`
  throw new SocketNotFound(
    `${where}; set it, for example control_socket: '/run/myapp/control.sock', and restart the server, ` +
      `or ${remedy}`,
  )
}

/** Code is compiled into a temporary directory. Its output goes to standard error, to keep stdout clean. */
async function readConfig(named: string | undefined, directory: string): ReturnType<typeof findConfig> {
  const finder = await import('../config/sources/find-config.ts')
  const { createArbiterLoader } = await import('../modules/loader.ts')
  const loader = createArbiterLoader()
  const store = mkdtempSync(join(tmpdir(), `tsgunctl-${process.pid}-`))
  const before = globalThis.console
  try {
    globalThis.console = new Console(process.stderr)
    loader.begin(store)
    return await finder.findConfig({ named, directory, loader })
  } finally {
    globalThis.console = before
    rmSync(store, { recursive: true, force: true })
  }
}
