// What a service of the setting `services` is, once its config is checked. Types and pure rules; services.ts
// makes the plans when a config is loaded.

import type { CronTable } from '../../os/cron.ts'
import type { Identity } from '../../os/process/identity.ts'
import type { Preload } from '../app/preloads.ts'
import type { Schedule, Service } from '../settings/checked.ts'
import type { PoolSettingName } from '../settings/services.ts'
import type { Settings } from '../settings/table.ts'
import type { NodeFlags } from './node-args.ts'

export { mainService } from '../../logging/records/record.ts'

/** Those of the setting `services`, by the part that they have. */
export const serviceKinds = ['app', 'run', 'command'] as const

export type ServiceKind = (typeof serviceKinds)[number]

/** When a schedule runs. */
export interface ScheduleTimes extends Pick<Schedule, 'cron' | 'timezone' | 'overlap' | 'missed'> {
  readonly table: CronTable
  /** Milliseconds that a run may take; 0 means no limit. */
  readonly timeout: number
}

/** What its processes begin with, as far as it differs from the workers of the app. */
export interface ServiceBeginning {
  readonly nodeFlags: NodeFlags
  readonly preloads: readonly Preload[]
  /** The file of a worker class of the user; null for one that tsgun has. */
  readonly classFile: string | null
  /** The file of the app or of the module of `run`; null when it was not found, and of a command. */
  readonly appFile: string | null
  /** The same file as it is written, absolute. */
  readonly appPath: string | null
}

/** A lock that processes on several machines share. */
export interface RemoteLock {
  readonly url: string
  readonly key: string
  /** Milliseconds that it is held after it was renewed last. */
  readonly time: number
}

export interface ServicePlan extends ServiceBeginning {
  readonly name: string
  readonly kind: ServiceKind | 'schedule'
  /** The user and group of its processes; absent when they are those of the app's workers. */
  readonly identity?: Identity | undefined
  /** Of a schedule only. */
  readonly schedule?: ScheduleTimes
  /** The settings that differ from those of the server. */
  readonly own: Partial<Settings>
  /** How many processes; "auto" is a number. */
  readonly processes: number
  /** Whether an instance ends before the one that replaces it runs. */
  readonly stopsFirst: boolean
  readonly after: readonly string[]
  readonly critical: boolean
  readonly reload: Service['reload']
  /** Of a foreign program: the program, then its arguments. */
  readonly command: readonly string[]
  readonly ready: Service['ready']
  /** Over several machines; absent on one. */
  readonly lock?: RemoteLock | undefined
  readonly stopSignal: Service['stop_signal']
}

/** Whether processes of another user are members of the group of the app's workers. */
export function hasOtherUsers({ services, schedules }: Plans): boolean {
  return [...services, ...schedules].some(({ identity }) => identity?.extraGroup !== undefined)
}

type Plans = Readonly<Record<'services' | 'schedules', readonly Pick<ServicePlan, 'identity'>[]>>

/** The settings of a service: its own, then those of the server that are not about its app. */
export function settingsOfService(
  settings: Settings,
  { kind, own }: Pick<ServicePlan, 'kind' | 'own'>,
): Settings {
  const env = { ...settings.env, ...own.env }
  const merged = { ...settings, health_check: null, ...own, env }
  if (kind === 'app') return merged
  const unserved = {
    app: null,
    bind: [],
    worker_class: 'async',
    max_requests: 0,
    max_requests_jitter: 0,
  } as const
  if (kind !== 'command') return { ...merged, ...unserved }
  // A foreign program sends no beat and no figures.
  return { ...merged, ...unserved, timeout: 0, watchdog: false, max_memory: null }
}

const ofProcess = [
  'env',
  'user',
  'group',
  'boot_timeout',
  'graceful_timeout',
  'applog',
  'log_format',
] as const
const ofNode = [
  ...ofProcess,
  'node_args',
  'import',
  'timeout',
  'watchdog',
  'hook_timeout',
  'max_memory',
  'max_memory_jitter',
  'initgroups',
  'errorlog',
  'loglevel',
  'capture_output',
] as const

/** The settings of a pool that mean something for a kind of service; all for `app`. */
export const poolSettingsOf: Readonly<Record<ServiceKind, readonly PoolSettingName[] | 'all'>> = {
  app: 'all',
  run: ofNode,
  command: ofProcess,
}

/** The other parts that mean something for a kind of service. */
export const ownPartsOf: Readonly<Record<ServiceKind, readonly (keyof Service)[]>> = {
  app: ['after', 'reload', 'critical'],
  run: ['run', 'instances', 'handover', 'lock', 'after', 'reload', 'critical'],
  command: ['command', 'instances', 'handover', 'ready', 'stop_signal', 'after', 'reload', 'critical'],
}
