// Runs in the arbiter when a config is loaded: whether the module of the `app` setting can be found, before
// anything is bound.

import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describeError } from '../../logging/records/describe-error.ts'
import { LateModule } from '../../os/late-module.ts'
import { parseAppSetting } from './app-setting.ts'
import { resolveModule } from './resolve-module.ts'

/** Returns why no file can be found for the app, or undefined. `directory`: the absolute `chdir`. */
export async function appProblem(app: string, directory: string): Promise<string | undefined> {
  const { module } = parseAppSetting(app)
  try {
    resolveModule(module, directory)
    return undefined
  } catch (error) {
    return (await wordProblem(module)) ?? directoryProblem(module, directory) ?? describeError(error).message
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
