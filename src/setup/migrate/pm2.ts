// Runs in `tsgun migrate`: an app of PM2's ecosystem file as a config. Pure, except that the project is read.

import { posix } from 'node:path'
import { isRecord } from '../../os/type-checks.ts'
import { literal, type DraftPart } from '../config-file/draft.ts'
import { bindPart, startParts } from '../init/draft-app.ts'
import { findEntry } from '../project/entry-file.ts'
import { entryOfCommand, findApp, type FoundApp } from '../project/find-app.ts'
import { portIn } from '../project/look-at-source.ts'
import type { Project } from '../project/project.ts'
import { readStart, type StartCommand } from '../project/start-command.ts'
import type { Migrated } from './carried.ts'
import { environmentsOf, fieldsOf } from './pm2-values.ts'

export type Pm2App = Readonly<Record<string, unknown>>

export interface MigratedApp extends Migrated {
  readonly name: string
  /** Undefined when it is no program of Node.js, or its file is not found: `why` has the reason. */
  readonly app: FoundApp | undefined
  readonly why: string
}

/** The apps of an ecosystem file: `{ apps: [...] }`, a list, or one app. */
export function appsOf(value: unknown): readonly Pm2App[] {
  const inner = isRecord(value) && 'apps' in value ? value['apps'] : value
  return [inner].flat().filter(isRecord)
}

export function fromPm2(given: Pm2App, project: Project): MigratedApp {
  const name = text(given['name']) ?? 'app'
  const start = startOf(given, project)
  const directory = directoryOf(given, project)
  const entry = start && entryFor(start, directory, project)
  const fields = fieldsOf(given)
  if (start === undefined || entry === undefined) {
    const what = text(given['script']) ?? 'no script'
    return {
      name,
      app: undefined,
      why: `${what} is no program of Node.js that is found here`,
      parts: [],
      lost: [],
    }
  }
  const env = environmentsOf(given, start.env)
  const app: FoundApp = { ...entry, start: { ...start, env: {} } }
  const port = Number(env.port ?? portIn(project.read(entry.path) ?? '') ?? entry.framework?.port ?? 8000)
  const parts: DraftPart[] = [
    { name: 'app', code: literal(`./${posix.relative(directory, entry.path)}`), comment: [`PM2: ${name}`] },
    ...(directory === '.' ? [] : [{ name: 'chdir', code: literal(`./${directory}`) }]),
    bindPart(port),
    ...workersPart(given),
    ...env.parts,
    ...startParts(app),
    ...fields.parts,
  ]
  return { name, app, why: '', parts, lost: [...env.lost, ...fields.lost] }
}

/** The command line that PM2 makes of its fields. */
function startOf(given: Pm2App, project: Project): StartCommand | undefined {
  const script = text(given['script'])
  if (script === undefined) return undefined
  const interpreter = text(given['interpreter'] ?? given['exec_interpreter']) ?? 'node'
  const name = posix.basename(interpreter)
  const isProgram = /^(?:npm|pnpm|yarn|npx)$/.test(posix.basename(script)) || script.includes('.bin/')
  if (!isProgram && !/^(?:node(?:js)?|tsx|ts-node|bun|babel-node)$/.test(name)) return undefined
  const flags = words(given['node_args'] ?? given['interpreter_args'])
  const before = isProgram ? [] : [name, ...flags]
  const line = [...before, script, ...words(given['args'])].map(quote).join(' ')
  return readStart(line, project.package?.scripts ?? {})
}

function entryFor(start: StartCommand, directory: string, project: Project): FoundApp | undefined {
  const [first] = start.words
  const inDirectory =
    start.program === 'node' && first !== undefined
      ? findEntry(project, posix.join(directory, first))
      : undefined
  const entry = inDirectory ?? entryOfCommand(project, start)
  const whole = findApp(project)
  if (entry === undefined) return start.program === 'node' ? undefined : whole
  return {
    ...entry,
    framework: whole?.framework,
    reason: 'the script of PM2',
    start,
    source: undefined,
    missing: undefined,
    others: [],
  }
}

function directoryOf({ cwd }: Pm2App, { directory }: Project): string {
  const path = text(cwd) ?? '.'
  const relative = posix.isAbsolute(path) ? posix.relative(directory, path) : posix.normalize(path)
  return relative === '' || relative.startsWith('..') ? '.' : relative.replace(/\/$/, '')
}

/** Without `instances` PM2 starts one process. */
function workersPart({ instances }: Pm2App): DraftPart[] {
  if (instances === 'max' || instances === 0 || instances === '0')
    return [{ name: 'workers', code: `'auto'`, comment: ['PM2: instances max: one per processor.'] }]
  const number = Number(instances ?? 1)
  if (number > 0) return [{ name: 'workers', code: String(number) }]
  const comment = [`PM2: instances ${String(instances)}. Here: one per processor.`]
  return [{ name: 'workers', code: `'auto'`, comment }]
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** PM2 takes a text or a list. */
function words(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String)
  return typeof value === 'string' ? value.split(/\s+/).filter((word) => word !== '') : []
}

function quote(word: string): string {
  return /^[\w./=:@,+-]+$/.test(word) ? word : `'${word}'`
}
