// Runs in `tsgun init`: from the project to the config file for its app. Pure, except that the project is
// read.

import type { Draft } from '../config-file/draft.ts'
import { renderConfig } from '../config-file/render.ts'
import { compilesRoot } from '../project/compiled-files.ts'
import type { FoundApp } from '../project/find-app.ts'
import { packageManagerOf } from '../project/package-manager.ts'
import type { Project } from '../project/project.ts'
import { appPart, bindPart, healthPart, portOf, startParts, workersPart } from './draft-app.ts'

export interface NewConfig {
  readonly file: string
  readonly text: string
  /** What the user should know besides the file. */
  readonly notes: readonly string[]
}

export function newConfig(project: Project, app: FoundApp): NewConfig {
  const { file, note } = configName(project)
  return { file, text: renderConfig(draftOf(project, app)), notes: [...note, ...notesOf(app, project)] }
}

/** The name of the config file, and why it is not server.config.ts. */
export function configName(project: Project): { readonly file: string; readonly note: readonly string[] } {
  const compiler = compilesRoot(project)
  if (compiler === undefined) return { file: 'server.config.ts', note: [] }
  return {
    file: 'server.config.mjs',
    note: [`the config is JavaScript, because the build (${compiler}) would compile a server.config.ts too`],
  }
}

export const settingsPage = 'node_modules/tsgun/docs/reference/settings.md'

function draftOf(project: Project, app: FoundApp): Draft {
  const what = app.framework === undefined ? 'this app' : `this ${app.framework.name} app`
  return {
    head: [`How tsgun serves ${what}. All settings: ${settingsPage}`],
    parts: [
      appPart(app),
      bindPart(portOf(project, app)),
      workersPart(project),
      ...startParts(app),
      ...(Object.keys(app.start?.env ?? {}).length === 0 ? [nodeEnv] : []),
      accessLog,
      healthPart(project, app),
      ...suggestions,
    ],
  }
}

const nodeEnv = {
  name: 'env',
  code: `{ NODE_ENV: 'production' }`,
  off: true,
  comment: ['Variables for the workers.'],
}

const accessLog = {
  name: 'accesslog',
  code: `'-'`,
  comment: [`One line per request, to standard output. For a file, log_rotation: { size: '100M', keep: 7 }.`],
}

const suggestions = [
  {
    name: 'keepalive',
    code: '75',
    off: true,
    comment: ['Behind nginx or a load balancer: longer than it keeps idle connections, in seconds.'],
  },
  {
    name: 'request_timeout',
    code: '30',
    off: true,
    comment: ['Seconds for a request; after that the client gets a 503.'],
  },
  {
    name: 'max_memory',
    code: `'512M'`,
    off: true,
    comment: ['A worker that reaches this size is replaced; the new one is ready first.'],
  },
  {
    name: 'control_socket',
    code: `'/run/myapp/control.sock'`,
    off: true,
    comment: ['For tsgunctl: status, reload --wait, stop. The directory must exist.'],
  },
]

function notesOf(app: FoundApp, project: Project): string[] {
  return [
    ...(app.missing === undefined ? [] : [`to do: ${app.missing}`]),
    ...(app.others.length === 0 ? [] : [`other files that look like a server: ${app.others.join(', ')}`]),
    ...['js', 'cjs', 'mjs', 'json']
      .map((extension) => `ecosystem.config.${extension}`)
      .filter((name) => project.isFile(name))
      .map((name) => `${name} was not read: to carry it over, remove the new file and run tsgun migrate`),
  ]
}

/** The two commands that come next, the first or the second of which starts the server. */
export function nextCommands(project: Project, app: FoundApp, words = ''): readonly [string, string] {
  const { add, run, exec } = packageManagerOf(project)
  const install = project.hasInstalled('tsgun') ? [] : [`${add} tsgun`]
  const build = app.exists || project.package?.scripts['build'] === undefined ? [] : [`${run} build`]
  const before = [...install, ...build].join(' && ')
  const start = `${exec} tsgun${words}`
  return before === '' ? [start, `curl http://127.0.0.1:${portOf(project, app)}/`] : [before, start]
}
