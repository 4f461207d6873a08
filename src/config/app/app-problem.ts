// Runs in the arbiter when a config is loaded: whether the module of the `app` setting can be found, before
// anything is bound.

import { existsSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describeError } from '../../logging/records/describe-error.ts'
import { LateModule } from '../../os/late-module.ts'
import { parseAppSetting } from './app-setting.ts'
import { resolveModule } from './resolve-module.ts'

/**
 * Returns why no file can be found for the app, or undefined. `directory`: the absolute `chdir`. `config`:
 * the config file.
 */
export async function appProblem(
  app: string,
  directory: string,
  config: string | null = null,
): Promise<string | undefined> {
  const { module } = parseAppSetting(app)
  try {
    resolveModule(module, directory)
    return undefined
  } catch (error) {
    const known = (await wordProblem(module)) ?? directoryProblem(module, directory)
    return known ?? `${describeError(error).message}${placeHint(module, directory, config)}`
  }
}

/** Paths in a config start at `chdir`, which is the working directory, not at the config. */
function placeHint(module: string, directory: string, config: string | null): string {
  const beside = config === null ? directory : dirname(config)
  if (beside === directory || !isThere(module, beside)) return ''
  return `; it is beside the config: start tsgun there, or with --chdir ${relative(directory, beside)}`
}

function isThere(module: string, directory: string): boolean {
  try {
    return resolveModule(module, directory) !== ''
  } catch {
    return false // not there either
  }
}

const wordTable = new LateModule(() => import('../hints/words.ts'))

/** Loads the table, so that its file may be removed. */
export async function keepWords(): Promise<void> {
  await wordTable.load()
}

/** A command of another tool. */
async function wordProblem(word: string): Promise<string | undefined> {
  if (!/^[\w-]+$/.test(word)) return undefined
  const { words } = await wordTable.load()
  const meant = new Map<string, string>(Object.entries(words)).get(word)
  return meant === undefined ? undefined : `"${word}" is no app file; instead: ${meant}`
}

const usual = ['server', 'app', 'index', 'main', 'src/server', 'src/app', 'src/index', 'src/main'].flatMap(
  (name) => ['.ts', '.mts', '.js', '.mjs', '.cjs'].map((extension) => `${name}${extension}`),
)

/** The files that an app usually has, those that are there, relative to the directory. */
export function usualApps(directory: string): readonly string[] {
  return usual.filter((name) => existsSync(join(directory, name))).map((name) => `./${name}`)
}

function directoryProblem(module: string, directory: string): string | undefined {
  const path = resolve(directory, module)
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return undefined
  const [first = './app.ts'] = usualApps(path)
  const file = module === '.' || module === './' ? first : `./${join(module, first)}`.replace(/^\.\/\//, '/')
  return `${path} is a directory; name the file, such as ${file}`
}
