// Runs in the arbiter, when a config is loaded: a service or a schedule with settings of its own, checked as
// if it was a server. Its problems are named after it: `services.live.threads`.

import type { Identity } from '../../os/process/identity.ts'
import { ownIdentityOf } from './identity.ts'
import type { Problem } from '../problems/problem.ts'
import { settingNames, type SettingName, type Settings } from '../settings/table.ts'
import type { NodeFlagParts } from './node-args.ts'
import type { Resolution } from './resolve.ts'
import { settingsOfService, type ServicePlan } from './service-plans.ts'
import { readWorkerBeginning, type Beginning, type WorkerBeginning } from './worker-start.ts'

type Owner = 'services' | 'schedules'

/** Adds a problem of a part of a service or a schedule; without a name of a part of the whole. */
export type AddProblem = (name: string, part: string, message: string) => void

/** Collects the problems of all services, or of all schedules. */
export function collectProblems(
  { origins, written }: Pick<Resolution, 'origins' | 'written'>,
  owner: Owner,
): { readonly problems: Problem[]; readonly add: AddProblem } {
  const problems: Problem[] = []
  const add: AddProblem = (name, part, message) => {
    const place = [written[owner], name, part].filter((each) => each !== '').join('.')
    problems.push({ where: origins[owner], name: place, message })
  }
  return { problems, add }
}

/** Those of these settings that a service or a schedule has. */
export function settingsIn<Name extends SettingName>(
  names: readonly Name[],
  given: { readonly [Each in Name]?: unknown },
): Partial<Settings> {
  const own = names.filter((name) => given[name] !== undefined)
  // settings by their names, checked by the schemas of the rows of the same names
  return Object.fromEntries(own.map((name) => [name, given[name]])) as Partial<Settings>
}

export interface OwnParts {
  readonly resolution: Resolution
  /** Of the workers of the app. */
  readonly beginning: Beginning
  readonly flags: Omit<NodeFlagParts, 'setting'>
  /** Of the workers of the app. */
  readonly identity: Identity
}

interface IdentityFound {
  readonly identity: Identity | undefined
  readonly problems: readonly Problem[]
}

/** A service or a schedule as a server of its own. */
export class AsServer {
  readonly resolution: Resolution
  readonly #parts: OwnParts
  readonly #prefix: string
  readonly #own: Partial<Settings>
  readonly #kind: ServicePlan['kind']

  constructor(
    owner: Owner,
    { name, kind, own }: Pick<ServicePlan, 'name' | 'kind' | 'own'>,
    parts: OwnParts,
  ) {
    const top = parts.resolution
    const prefix = `${top.written[owner]}.${name}.`
    const namesOf = (value: (setting: SettingName) => string): Record<SettingName, string> =>
      // one entry for each setting
      Object.fromEntries(settingNames.map((each) => [each, value(each)])) as Record<SettingName, string>
    this.#parts = parts
    this.#prefix = prefix
    this.#own = own
    this.#kind = kind
    this.resolution = {
      ...top,
      settings: settingsOfService(top.settings, { kind, own }),
      origins: namesOf((each) => (each in own ? top.origins[owner] : top.origins[each])),
      written: namesOf((each) => (each in own ? `${prefix}${each}` : top.written[each])),
    }
  }

  /** The user and group of its processes; undefined when they are those of the server. */
  identity(): IdentityFound {
    const problems: Problem[] = []
    const { settings, origins, written } = this.resolution
    const identity = ownIdentityOf(
      { settings, own: this.#own, server: this.#parts.identity, isNode: this.#kind !== 'command' },
      (name, message) => problems.push({ where: origins[name], name: written[name], message }),
    )
    return { identity, problems: problems.filter((problem) => this.isOwn(problem)) }
  }

  /** The others are those of the server, which has them already. */
  isOwn({ name }: Problem): boolean {
    return name.startsWith(this.#prefix)
  }

  /** That of the app, unless it has settings of its own for it. */
  async begin(): Promise<WorkerBeginning> {
    const { beginning, flags } = this.#parts
    const differs = ['node_args', 'import', 'worker_class'].some((name) => name in this.#own)
    if (!differs) return { beginning, problems: [] }
    const found = await readWorkerBeginning(this.resolution, flags)
    return { ...found, problems: found.problems.filter((problem) => this.isOwn(problem)) }
  }
}
