// Runs in `tsgun migrate`: from a file of another tool to config files. Nothing is written here.

import { isRecord } from '../../os/type-checks.ts'
import type { DraftPart } from '../config-file/draft.ts'
import { renderConfig } from '../config-file/render.ts'
import { appPart, bindPart, portOf, startParts, workersPart } from '../init/draft-app.ts'
import { configName, settingsPage } from '../init/init.ts'
import { notFound } from '../init/not-found.ts'
import { findApp, type FoundApp } from '../project/find-app.ts'
import type { Project } from '../project/project.ts'
import { readStart, type StartCommand } from '../project/start-command.ts'
import { SetupError } from '../setup-error.ts'
import { lostPart } from './carried.ts'
import { fromGunicorn } from './gunicorn.ts'
import { parseProcfile } from './procfile.ts'
import { appsOf, fromPm2, type Pm2App } from './pm2.ts'
import { readPm2Command } from './pm2-command.ts'
import { loadEcosystem, type MigrationSource } from './sources.ts'

export interface NewFile {
  readonly file: string
  readonly text: string
  readonly app: FoundApp
  /** The number of comments about what could not be carried over. */
  readonly lost: number
}

export interface Migration {
  readonly files: readonly NewFile[]
  readonly notes: readonly string[]
}

/** Rejects with a SetupError when the source has nothing that can be served. */
export async function migrate(project: Project, source: MigrationSource): Promise<Migration> {
  const { file } = source
  if (source.kind === 'pm2') return fromEcosystem(await loadEcosystem(project, file), file, project)
  if (source.kind === 'gunicorn') return gunicornMigration(project, file)
  if (source.kind === 'procfile') return fromProcfile(project, file)
  return fromScripts(project, file)
}

function fromEcosystem(value: unknown, file: string, project: Project): Migration {
  const apps = appsOf(value)
  if (apps.length === 0) throw new SetupError(`${file} has no apps`)
  const deploy = isRecord(value) && 'deploy' in value ? ['deploy: see docs/run/releases.md'] : []
  return pm2Migration(apps, { file, project, more: deploy })
}

interface Origin {
  readonly file: string
  readonly project: Project
  readonly more?: readonly string[]
}

function pm2Migration(apps: readonly Pm2App[], { file, project, more = [] }: Origin): Migration {
  const all = apps.map((app) => fromPm2(app, project))
  const served = all.flatMap(({ app, ...each }) => (app === undefined ? [] : [{ ...each, app }]))
  const skipped = all.filter(({ app }) => app === undefined)
  const notes = skipped.map(
    ({ name, why }) => `${name} is not carried over: ${why}; run it as a service of systemd`,
  )
  if (served.length === 0) throw new SetupError(`${file} has no app that can be served: ${notes.join('; ')}`)
  const files = served.map(({ name, app, parts, lost }, index) => ({
    ...newFile({ project, file, app, parts, lost: [...lost, ...more], tool: file }),
    file: fileName(project, index === 0 ? undefined : name),
  }))
  return { files, notes }
}

/** The first app has the file that `tsgun` finds by itself. */
function fileName(project: Project, name: string | undefined): string {
  const { file } = configName(project)
  if (name === undefined) return file
  return file.replace('server.config', `${name.replace(/[^\w.-]+/g, '-')}.config`)
}

function gunicornMigration(project: Project, file: string): Migration {
  const app = findApp(project)
  if (app === undefined) throw new SetupError(notFound(project, undefined))
  const { parts, lost } = fromGunicorn(project.read(file) ?? '')
  const names = new Set(parts.flatMap((part) => ('name' in part ? [part.name] : [])))
  const own = [
    appPart(app),
    ...(names.has('bind') ? [] : [bindPart(portOf(project, app))]),
    ...(names.has('workers') ? [] : [workersPart(project)]),
    ...startParts(app).filter((part) => !('name' in part) || !names.has(part.name)),
  ]
  return { files: [newFile({ project, file, app, parts: [...own, ...parts], lost, tool: file })], notes: [] }
}

async function fromProcfile(project: Project, file: string): Promise<Migration> {
  const lines = parseProcfile(project.read(file) ?? '')
  const web =
    lines.find(({ name }) => name === 'web') ?? lines.find(({ name }) => /web|server|api/.test(name))
  if (web === undefined) throw new SetupError(`${file} has no process that serves (web: …)`)
  const lost = lines
    .filter((line) => line !== web)
    .map(
      ({ name, command }) =>
        `${name}: ${command}: no web process; keep it in the Procfile, or run it by systemd`,
    )
  return fromCommand(web.command, { file, project, more: lost })
}

async function fromScripts(project: Project, file: string): Promise<Migration> {
  const scripts = project.package?.scripts ?? {}
  const name = ['start:prod', 'start', 'serve'].find((each) => scripts[each] !== undefined) ?? 'start'
  return fromCommand(scripts[name] ?? '', { file, project })
}

/** A command of a Procfile or of a script; one of PM2 leads to its ecosystem file or is one itself. */
async function fromCommand(command: string, origin: Origin): Promise<Migration> {
  const { project, file, more = [] } = origin
  const start = readStart(command, project.package?.scripts ?? {})
  if (start !== undefined && /^pm2(?:-runtime|-docker)?$/.test(start.program)) {
    const { file: ecosystem, app } = readPm2Command(start.words)
    if (ecosystem === undefined) return pm2Migration([{ ...app, env: start.env }], origin)
    return fromEcosystem(await loadEcosystem(project, ecosystem), ecosystem, project)
  }
  const app = appOfCommand(command, start, project)
  if (app === undefined) throw new SetupError(`${command} (${file}): ${notFound(project, undefined)}`)
  const parts = [appPart(app), bindPart(portOf(project, app)), workersPart(project), ...startParts(app)]
  return { files: [newFile({ project, file, app, parts, lost: more, tool: file })], notes: [] }
}

/** The command as the only script of the project, so that it is read as a script is. */
function appOfCommand(
  command: string,
  start: StartCommand | undefined,
  project: Project,
): FoundApp | undefined {
  if (project.package === undefined || start === undefined) return findApp(project)
  const scripts = { ...project.package.scripts, 'start:prod': command }
  return findApp({ ...project, package: { ...project.package, scripts } })
}

interface FileParts extends Origin {
  readonly app: FoundApp
  readonly parts: readonly DraftPart[]
  readonly lost: readonly string[]
  readonly tool: string
}

function newFile({ project, file, app, parts, lost, tool }: FileParts): NewFile {
  const hasAccessLog = parts.some((part) => 'name' in part && part.name === 'accesslog')
  const text = renderConfig({
    head: [`From ${file}, by tsgun migrate. All settings: ${settingsPage}`],
    parts: [
      ...parts,
      ...(hasAccessLog ? [] : [{ name: 'accesslog', code: `'-'`, comment: ['One line per request.'] }]),
      ...lostPart(tool, lost),
    ],
  })
  return { file: configName(project).file, text, app, lost: lost.length }
}
