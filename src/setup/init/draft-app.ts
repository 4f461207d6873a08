// Runs in `tsgun init` and `tsgun migrate`: the settings that follow from the app itself. Pure.

import { literal, type DraftPart, type DraftSetting } from '../config-file/draft.ts'
import type { FoundApp } from '../project/find-app.ts'
import { healthPathIn, portIn, reasonsForOneWorker, schedulersIn } from '../project/look-at-source.ts'
import type { Project } from '../project/project.ts'

const defaultPort = 8000

/** The text of the app, or of the source that it is built from. */
export function sourceText(project: Project, { path, exists, source }: FoundApp): string {
  return project.read(source ?? (exists ? path : '')) ?? ''
}

export function appPart(app: FoundApp): DraftSetting {
  const built =
    app.source === undefined ? [] : [`TypeScript needs no build: app: './${app.source}' works as well.`]
  const missing = app.missing === undefined ? [] : [`To do: ${app.missing}.`]
  return {
    name: 'app',
    code: literal(`./${app.path}`),
    comment: [`${capital(app.reason)}.`, ...(app.framework?.notes ?? []), ...built, ...missing],
  }
}

/** The port that a start of the app without tsgun uses. */
export function portOf(project: Project, app: FoundApp): number {
  const given = Number(app.start?.env['PORT'] ?? portFlag(app) ?? '')
  if (given > 0) return given
  return portIn(sourceText(project, app)) ?? app.framework?.port ?? defaultPort
}

/** `next start -p 4000`, `fastify start --port=4000`. */
function portFlag({ start }: FoundApp): string | undefined {
  const words = start?.words.join(' ') ?? ''
  return /(?:^|\s)(?:-p|--port)[ =](\d+)\b/.exec(words)?.[1]
}

export function bindPart(port: number): DraftSetting {
  return {
    name: 'bind',
    code: `process.env.PORT ? \`0.0.0.0:\${process.env.PORT}\` : '127.0.0.1:${port}'`,
    comment: ['Where it listens. A platform or a container sets PORT; else only this machine can connect.'],
  }
}

export function workersPart(project: Project): DraftSetting {
  const reasons = reasonsForOneWorker(project)
  const schedulers = schedulersIn(project)
  const jobs = schedulers.map(
    (name) =>
      `${name}: each worker runs the jobs; to run them once, check process.env.TSGUN_WORKER_NR === '0'.`,
  )
  return {
    name: 'workers',
    code: reasons.length > 0 ? '1' : `'auto'`,
    comment: [
      `Processes that serve. 'auto' starts one per CPU that this machine or container gives.`,
      ...reasons,
      ...jobs,
    ],
  }
}

/** What the command of the app sets around it. */
export function startParts({ start }: FoundApp): DraftPart[] {
  if (start === undefined) return []
  const env = Object.fromEntries(Object.entries(start.env).filter(([name]) => !/^(?:PORT|HOST)$/.test(name)))
  const { nodeArgs, imports, envFiles, dropped } = start
  const args = start.program === 'node' ? start.words.slice(1) : []
  return [
    ...(Object.keys(env).length > 0 ? [{ name: 'env', code: literal(env) }] : []),
    ...(envFiles.length > 0 ? [{ name: 'env_file', code: literal(envFiles) }] : []),
    ...(nodeArgs.length > 0 ? [{ name: 'node_args', code: literal(nodeArgs) }] : []),
    ...(imports.length > 0 ? [{ name: 'import', code: literal(imports) }] : []),
    ...dropped.map((reason) => ({ comment: [`Left out: ${reason}.`] })),
    ...(args.length > 0
      ? [{ comment: [`Left out: the arguments ${args.join(' ')}. Give them to the app by env.`] }]
      : []),
  ]
}

export function healthPart(project: Project, app: FoundApp): DraftSetting {
  const path = healthPathIn(sourceText(project, app))
  return {
    name: 'health_check',
    code: literal(path ?? '/healthz'),
    off: true,
    comment: ['A path that must respond with 2xx before a new worker gets requests.'],
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
