// Runs in the arbiter, when a config is loaded: checks the setting `services`, and finds the files of their
// modules, so that all processes of a generation load the same ones.

import { formatAddress, parseAddress } from '../listen/address.ts'
import { cpuCount } from '../os/limits/cpu-count.ts'
import { appProblem } from './app/app-problem.ts'
import { findAppFile, type AppFile } from './app/resolve-module.ts'
import { checkTogether, type CheckContext } from './check.ts'
import { didYouMean } from './problems/did-you-mean.ts'
import type { Problem } from './problems/problem.ts'
import type { Service } from './settings/checked.ts'
import { listOf } from './settings/list-of.ts'
import { poolSettingNames } from './settings/services.ts'
import type { Settings } from './settings/table.ts'
import { moduleFile } from './sources/module-file.ts'
import {
  AsServer,
  collectProblems,
  settingsIn,
  type AddProblem,
  type OwnParts,
} from './sources/own-settings.ts'
import {
  mainService,
  ownPartsOf,
  poolSettingsOf,
  serviceKinds,
  type ServiceKind,
  type ServicePlan,
} from './sources/service-plans.ts'
import { remoteLock } from './remote-lock.ts'
import { splitWords } from './sources/split-words.ts'

export interface ServicePlans {
  readonly services: readonly ServicePlan[]
  readonly problems: readonly Problem[]
}

export interface ServiceParts extends OwnParts {
  readonly context: CheckContext
  /** The config file, for hints; null without one. */
  readonly file: string | null
}

/** One service, as its checks see it. */
interface Candidate {
  readonly name: string
  readonly service: Service
  readonly kind: ServiceKind
  readonly own: Partial<Settings>
}

/** Not called with a wrong `chdir`: each path would be reported too. */
export async function findServices(parts: ServiceParts): Promise<ServicePlans> {
  const { settings } = parts.resolution
  const { problems, add } = collectProblems(parts.resolution, 'services')
  const candidates = Object.entries(settings.services).flatMap(([name, service]) =>
    candidateOf(name, service, add),
  )
  checkOrder(settings.services, add)
  checkAddresses(settings, candidates, add)
  const services: ServicePlan[] = []
  for (const candidate of candidates) {
    const found = await planOf(candidate, parts, add)
    services.push(found.plan)
    problems.push(...found.problems)
  }
  return { services, problems }
}

function candidateOf(name: string, service: Service, add: AddProblem): Candidate[] {
  const kinds = serviceKinds.filter((kind) => service[kind] !== undefined && service[kind] !== null)
  const [kind, other] = kinds
  if (name === mainService)
    add(name, '', `expected another name, because the app of the server is the service "${mainService}"`)
  if (kind === undefined || other !== undefined) {
    const found = kind === undefined ? 'none of them' : `\`${kind}\` and \`${other ?? ''}\``
    add(name, '', `expected one of \`app\`, \`run\` and \`command\`; got ${found}`)
    return []
  }
  if (kind === 'app' && service.bind === undefined)
    add(name, 'bind', 'expected an address of its own, because it serves an app')
  for (const part of uselessParts(service, kind)) add(name, part, `has no meaning with \`${kind}\``)
  return [{ name, service, kind, own: settingsIn(poolSettingNames, service) }]
}

/** Those that differ from their defaults. */
function uselessParts(service: Service, kind: ServiceKind): readonly string[] {
  const ofPool = poolSettingsOf[kind]
  const settings = ofPool === 'all' ? [] : poolSettingNames.filter((name) => !ofPool.includes(name))
  const { instances, handover, lock, ready, stop_signal } = service
  const given: Readonly<Record<string, boolean>> = {
    instances: instances !== 1,
    handover: handover !== 'stop-first',
    lock: lock !== undefined,
    ready: ready !== undefined,
    stop_signal: stop_signal !== 'SIGTERM',
  }
  const parts: readonly string[] = ownPartsOf[kind]
  return [
    ...settings.filter((name) => service[name] !== undefined && name !== 'app'),
    ...Object.keys(given).filter((name) => given[name] === true && !parts.includes(name)),
  ]
}

/** Each name in `after` is a service, and none needs itself, also through others. */
function checkOrder(services: Settings['services'], add: AddProblem): void {
  const names = [mainService, ...Object.keys(services)]
  for (const [name, { after }] of Object.entries(services)) {
    for (const needed of after.filter((each) => !names.includes(each))) {
      const near = didYouMean(needed, names)
      const hint =
        near === undefined
          ? `there are ${names.map((each) => `"${each}"`).join(', ')}`
          : `did you mean "${near}"?`
      add(name, 'after', `expected names of services; got "${needed}"; ${hint}`)
    }
    const circle = circleFrom(name, services)
    if (circle !== undefined)
      add(name, 'after', `expected an order without a circle; got ${circle.join(' after ')}`)
  }
}

/** The way from a service back to itself; undefined when there is no such way. */
function circleFrom(name: string, services: Settings['services']): readonly string[] | undefined {
  const seen = new Set<string>()
  const ways: (readonly string[])[] = [[name]]
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    for (const next of services[way.at(-1) ?? '']?.after ?? []) {
      if (next === name) return [...way, name]
      if (seen.has(next)) continue
      seen.add(next)
      ways.push([...way, next])
    }
  }
  return undefined
}

/** No two services have one address. */
function checkAddresses({ bind }: Settings, candidates: readonly Candidate[], add: AddProblem): void {
  const taken = new Map(listOf(bind).map((text) => [formatAddress(parseAddress(text)), mainService]))
  for (const { name, own } of candidates) {
    for (const address of listOf(own.bind ?? []).map((text) => formatAddress(parseAddress(text)))) {
      const other = taken.get(address)
      if (other !== undefined && other !== name && !address.endsWith(':0'))
        add(name, 'bind', `expected an address of its own; got "${address}", which "${other}" has`)
      taken.set(address, name)
    }
  }
}

interface Planned {
  readonly plan: ServicePlan
  readonly problems: readonly Problem[]
}

async function planOf(candidate: Candidate, parts: ServiceParts, add: AddProblem): Promise<Planned> {
  const { name, service, kind, own } = candidate
  const server = new AsServer('services', candidate, parts)
  const { resolution } = server
  const start = await server.begin()
  const { identity, ...inIdentity } = server.identity()
  const together = kind === 'app' ? checkTogether(resolution, parts.flags.base, parts.context).problems : []
  const found = await fileOf(candidate, parts, add)
  const { nodeFlags, preloads, classFile } = start.beginning
  const { workers, capture_output } = resolution.settings
  if (service.ready?.line !== undefined && !capture_output)
    add(name, 'ready', 'expected `capture_output` to be true, because its output is not read otherwise')
  const count = workers === 'auto' ? cpuCount() : workers
  return {
    plan: {
      name,
      kind,
      identity,
      own,
      nodeFlags,
      preloads,
      classFile: kind === 'app' ? classFile : null,
      appFile: found.file,
      appPath: found.path,
      processes: kind === 'app' ? count : service.instances,
      stopsFirst: kind !== 'app' && service.handover === 'stop-first',
      after: service.after,
      critical: service.critical,
      reload: service.reload,
      command: kind === 'command' ? wordsOf(candidate, add) : [],
      ready: service.ready,
      lock: kind === 'run' ? remoteLock({ name, service, add }) : undefined,
      stopSignal: service.stop_signal,
    },
    problems: [
      ...start.problems,
      ...inIdentity.problems,
      ...together.filter((problem) => server.isOwn(problem)),
    ],
  }
}

async function fileOf(
  { name, service, kind }: Candidate,
  parts: ServiceParts,
  add: AddProblem,
): Promise<AppFile> {
  const { base } = parts.flags
  if (kind === 'command') return { file: null, path: null }
  if (kind === 'run') return moduleFile(service.run ?? '', base, (message) => add(name, 'run', message))
  const app = service.app ?? ''
  const problem = await appProblem(app, base, parts.file)
  if (problem !== undefined) add(name, 'app', problem)
  return findAppFile(app, base)
}

/** Text is split as a shell splits it. */
function wordsOf({ name, service: { command = [] } }: Candidate, add: AddProblem): readonly string[] {
  if (typeof command !== 'string') return command
  try {
    return splitWords(command)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    add(name, 'command', error.message)
    return []
  }
}
