// Decides which file of a project is its server: what its script for production runs, what its framework
// builds, "main", or a usual name. Pure.

import { posix } from 'node:path'
import { findEntry, sourceOf, type EntryFile } from './entry-file.ts'
import { frameworkOf, type Framework } from './frameworks.ts'
import { looksLikeServer } from './look-at-source.ts'
import type { Project } from './project.ts'
import { readStart, type StartCommand } from './start-command.ts'

export interface FoundApp extends EntryFile {
  readonly framework: Framework | undefined
  /** Why this file, for a comment: "npm start runs it: node dist/main". */
  readonly reason: string
  /** The command that runs the file, if it was found there. */
  readonly start: StartCommand | undefined
  /** The TypeScript source of a built file. */
  readonly source: string | undefined
  /** What the project lacks so that its build writes the file. */
  readonly missing: string | undefined
  /** Other files that look like a server. */
  readonly others: readonly string[]
}

/** What is looked at, best first: a script for production is more than `start`. */
const scriptNames = ['start:prod', 'start:production', 'production', 'prod', 'start', 'serve', 'server']

const usualNames = ['server', 'app', 'index', 'main'].flatMap((name) =>
  ['', 'src/'].flatMap((folder) =>
    ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map((extension) => `${folder}${name}.${extension}`),
  ),
)

type Find = Pick<FoundApp, 'path' | 'exists' | 'reason'> & Partial<FoundApp>

/** `named`: the file that the user has named. Undefined when nothing looks like a server. */
export function findApp(project: Project, named?: string): FoundApp | undefined {
  const framework = frameworkOf(project)
  const found =
    named === undefined
      ? (byScript(project) ?? byFramework(framework, project) ?? byMain(project) ?? byName(project))
      : byWord(project, named)
  return found && { ...neutral, source: sourceOf(project, found), framework, ...found }
}

const neutral = { start: undefined, missing: undefined, others: [] } as const

function byWord(project: Project, word: string): Find | undefined {
  const entry = findEntry(project, word)
  return entry && { ...entry, reason: 'named on the command line' }
}

function byScript(project: Project): Find | undefined {
  const scripts = project.package?.scripts ?? {}
  for (const name of scriptNames) {
    const text = scripts[name]
    const start = text === undefined ? undefined : readStart(text, scripts)
    const entry = start && entryOfCommand(project, start)
    if (entry !== undefined) {
      const command = name === 'start' ? 'npm start' : `npm run ${name}`
      return { ...entry, start, reason: `what \`${command}\` runs: ${text}` }
    }
  }
  return undefined
}

/** The file that a command runs; undefined for the command of a framework, whose build has the file. */
export function entryOfCommand(project: Project, { program, words }: StartCommand): EntryFile | undefined {
  if (program === 'node') return words[0] === undefined ? undefined : findEntry(project, words[0])
  const takesFile = /^(?:fastify|pm2|pm2-runtime)$/.test(program)
  const files = takesFile
    ? words.filter((word) => /\.[cm]?[jt]s$/.test(word) && !/\.config\.\w+$/.test(word))
    : []
  return files.flatMap((word) => findEntry(project, word) ?? [])[0]
}

function byFramework(framework: Framework | undefined, project: Project): Find | undefined {
  if (framework?.output === undefined) return undefined
  const exists = project.isFile(framework.output)
  return {
    path: framework.output,
    exists,
    reason: `what the build of ${framework.name} writes`,
    missing: exists ? undefined : framework.missing?.(project),
  }
}

function byMain(project: Project): Find | undefined {
  const main = project.package?.main
  const entry = main === undefined ? undefined : findEntry(project, main)
  if (entry === undefined) return undefined
  const text = project.read(entry.exists ? entry.path : (sourceOf(project, entry) ?? '')) ?? ''
  return looksLikeServer(text) ? { ...entry, reason: '"main" of package.json' } : undefined
}

function byName(project: Project): Find | undefined {
  const all = [...usualNames, 'bin/www'].filter((name) => looksLikeServer(project.read(name) ?? ''))
  const [path, ...others] = all
  return path === undefined
    ? undefined
    : { path, exists: true, others, reason: `the file ${posix.basename(path)} looks like the server` }
}
