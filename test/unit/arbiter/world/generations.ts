// Generations for the unit tests of the arbiter: checked settings, hooks that record their calls, no files.

import assert from 'node:assert/strict'
import { HookRunner, type HookSources } from '../../../../src/config/hooks/runner.ts'
import { durationsOf } from '../../../../src/config/settings/durations.ts'
import type { Settings, SettingsInput } from '../../../../src/config/settings/table.ts'
import type { ServicePlan } from '../../../../src/config/sources/service-plans.ts'
import type { TaskPlan } from '../../../../src/config/sources/task-pools.ts'
import { resolveSettings } from '../../../../src/config/sources/resolve.ts'
import type { Generation, TaskQueues } from '../../../../src/arbiter/model/generation.ts'
import type { Listener } from '../../../../src/listen/listener.ts'
import { noSlots, type SlotSockets } from '../../../../src/listen/slot-sockets.ts'

export interface GenerationFacts {
  readonly settings?: SettingsInput
  readonly hooks?: HookSources
  readonly listeners?: readonly Listener[]
  readonly slots?: SlotSockets
  readonly uid?: number
  /** The processes of each task, by its name. */
  readonly tasks?: Readonly<Record<string, number>>
  /** What is special about each service, by its name. */
  readonly services?: Readonly<Record<string, Partial<ServicePlan>>>
  readonly fingerprints?: ReadonlyMap<string, string>
}

export function settingsWith(changes: SettingsInput): Settings {
  const resolved = resolveSettings([{ where: 'test', values: { app: './app.js', ...changes } }], {})
  assert.deepEqual(resolved.problems, [])
  return resolved.settings
}

export function generationOf(number: number, facts: GenerationFacts = {}): Generation {
  const { hooks = {}, listeners = [], slots = noSlots(), uid, tasks = {}, services = {} } = facts
  const settings = settingsWith({ watchdog: false, ...facts.settings })
  const { origins } = resolveSettings([{ where: 'test', values: { ...settings } }], {})
  const plans = Object.entries(tasks).map(([name, processes]) => planOf(name, processes))
  const servicePlans = Object.entries(services).map(([name, plan]) => servicePlan(name, plan))
  const config = {
    settings,
    origins,
    durations: durationsOf(settings),
    file: '/srv/server.config.js',
    codeFile: null,
    hookFiles: [],
    envFiles: [],
    fileVariables: {},
    nodeFlags: { flags: [], nodeOptions: undefined },
    preloads: [],
    tasks: plans,
    services: servicePlans,
    schedules: [],
    preloadFile: null,
    classFile: null,
    hooks,
    identity: { uid, gid: undefined, initgroups: undefined, account: undefined },
    warnings: [],
    directory: '/srv',
    appFile: '/srv/app.js',
    appPath: '/srv/app.js',
  }
  return {
    number,
    config,
    hooks: new HookRunner({
      sources: hooks,
      timeout: config.durations.hook_timeout,
      onFailure: ({ hook, error }) => assert.fail(`${hook}: ${String(error)}`),
    }),
    environmentChanges: new Map(),
    environment: () => ({}),
    codeStore: `store-${number}`,
    home: '/srv/node_modules/tsgun',
    workers: typeof settings.workers === 'number' ? settings.workers : 1,
    listeners,
    slots,
    services: servicePlans.map((plan) => ({ plan, listeners: [], slots: noSlots() })),
    tasks: plans.map((plan) => ({ plan, queues: queuesOf(plan.name, number) })),
    cpus: 2,
    ...(facts.fingerprints && { fingerprints: facts.fingerprints }),
  }
}

/** A service with `run`, with what a test changes. */
export function servicePlan(name: string, changes: Partial<ServicePlan> = {}): ServicePlan {
  const kind = changes.kind ?? 'run'
  return {
    name,
    kind,
    own: {},
    nodeFlags: { flags: [], nodeOptions: undefined },
    preloads: [],
    classFile: null,
    appFile: kind === 'command' ? null : `/srv/${name}.js`,
    appPath: kind === 'command' ? null : `/srv/${name}.js`,
    processes: 1,
    stopsFirst: kind !== 'app',
    after: [],
    critical: false,
    reload: 'always',
    command: kind === 'command' ? [name] : [],
    ready: undefined,
    stopSignal: 'SIGTERM',
    ...changes,
  }
}

function planOf(name: string, processes: number): TaskPlan {
  const limits = { max_queue: 64, timeout: 60_000, max_tasks: 0, max_memory: null, attempts: 1 }
  return { name, processes, file: `/srv/${name}.task.js`, ...limits }
}

function queuesOf(name: string, generation: number): TaskQueues {
  const queue = (priority: string): Listener => socketOf(`unix:/run/${generation}/${name}.${priority}`)
  return { high: queue('high'), normal: queue('normal') }
}

/** A socket that records what is done to it. */
export function socketOf(url: string, done: string[] = []): Listener {
  return {
    requested: url,
    address: { kind: 'unix', path: url.replace(/^unix:/, '') },
    url,
    fd: 0,
    file: undefined,
    foreign: false,
    activation: undefined,
    hold: () => void done.push(`hold ${url}`),
    unhold: () => void done.push(`unhold ${url}`),
    close: () => void done.push(`close ${url}`),
  }
}
