// Runs in `tsgun migrate`: the files that it can read. An ecosystem file of JavaScript is a module of the
// user and is run, as PM2 does; gunicorn.conf.py is only read.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isRecord } from '../../os/type-checks.ts'
import type { Project } from '../project/project.ts'
import { SetupError } from '../setup-error.ts'

export type SourceKind = 'pm2' | 'gunicorn' | 'procfile' | 'package'

export interface MigrationSource {
  readonly kind: SourceKind
  readonly file: string
}

/** In the order in which they are taken. */
const known: readonly MigrationSource[] = [
  ...['ecosystem.config', 'pm2.config'].flatMap((name) =>
    ['js', 'cjs', 'mjs', 'json'].map((extension) => ({ kind: 'pm2' as const, file: `${name}.${extension}` })),
  ),
  { kind: 'pm2', file: 'ecosystem.json' },
  { kind: 'pm2', file: 'process.json' },
  { kind: 'gunicorn', file: 'gunicorn.conf.py' },
  { kind: 'procfile', file: 'Procfile' },
]

/** All that the project has; package.json last, if it has a script that starts something. */
export function migrationSources(project: Project): readonly MigrationSource[] {
  const scripts = project.package?.scripts ?? {}
  const last = ['start', 'start:prod', 'serve'].some((name) => scripts[name] !== undefined)
  return [
    ...known.filter(({ file }) => project.isFile(file)),
    ...(last ? [{ kind: 'package' as const, file: 'package.json' }] : []),
  ]
}

/** Not any module: an app that is imported would serve. */
const ecosystemName = /(?:ecosystem|pm2|\.config|process)[\w.-]*\.(?:[cm]?js|json)$/

/** The source that the user has named. Throws a SetupError for any other file. */
export function namedSource(project: Project, file: string): MigrationSource {
  if (!project.isFile(file)) throw new SetupError(`there is no file ${file} in ${project.directory}`)
  if (file.endsWith('.py')) return { kind: 'gunicorn', file }
  if (/(?:^|\/)Procfile[^/]*$/.test(file)) return { kind: 'procfile', file }
  if (/(?:^|\/)package\.json$/.test(file)) return { kind: 'package', file }
  if (ecosystemName.test(file)) return { kind: 'pm2', file }
  throw new SetupError(
    `${file} is of no kind that migrate reads: an ecosystem file of PM2 (.js, .cjs, .mjs, .json), ` +
      'gunicorn.conf.py, a Procfile, package.json',
  )
}

/** Rejects with a SetupError that has the reason of the file itself. */
export async function loadEcosystem({ directory }: Project, file: string): Promise<unknown> {
  const path = resolve(directory, file)
  try {
    if (path.endsWith('.json')) return JSON.parse(readFileSync(path, 'utf8').replace(/^\ufeff/, ''))
    const loaded: unknown = await import(pathToFileURL(path).href)
    const namespace = isRecord(loaded) ? loaded : {}
    return namespace['default'] ?? namespace
  } catch (error) {
    // PM2 reads the file as CommonJS, also where package.json says "type": "module".
    const text = readFileSync(path, 'utf8')
    if (path.endsWith('.js') && /\bmodule\.exports\b/.test(text)) return asCommonJs(path, text)
    throw new SetupError(
      `${file} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    )
  }
}

function asCommonJs(path: string, text: string): unknown {
  const module = { exports: {} as unknown }
  const run: unknown = new Function('module', 'exports', 'require', '__filename', '__dirname', text)
  if (typeof run !== 'function') return undefined
  try {
    Reflect.apply(run, undefined, [module, module.exports, createRequire(path), path, join(path, '..')])
  } catch (error) {
    throw new SetupError(
      `${path} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    )
  }
  return module.exports
}
