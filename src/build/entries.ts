// Runs in `tsgun build`: every module of the user that a config names, and where it is.

import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parseAppSetting } from '../config/app/app-setting.ts'
import { isClassName } from '../config/app/worker-class-setting.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { Service } from '../config/settings/checked.ts'
import { listOf } from '../config/settings/list-of.ts'
import type { ServicePlan } from '../config/sources/service-plans.ts'

export interface EntryModule {
  /** As the config names it, without an export. */
  readonly module: string
  readonly file: string
}

type NamingConfig = Pick<
  LoadedConfig,
  | 'settings'
  | 'appFile'
  | 'hookFiles'
  | 'preloads'
  | 'preloadFile'
  | 'classFile'
  | 'tasks'
  | 'services'
  | 'schedules'
  | 'directory'
>

/** Each module once. */
export function entryModules(config: NamingConfig): readonly EntryModule[] {
  const { settings, appFile, hookFiles, preloads, preloadFile, classFile, tasks } = config
  const { services, schedules, directory } = config
  const { app, preload, worker_class } = settings
  const found: (EntryModule | undefined)[] = [
    named(app === null ? null : parseAppSetting(app).module, appFile),
    ...listOf(settings.hooks).map((module, index) => named(module, hookFiles[index])),
    ...ofPreloads(preloads, directory),
    named(preload, preloadFile),
    named(isClassName(worker_class) ? null : parseAppSetting(worker_class).module, classFile),
    ...tasks.map(({ name, file }) => named(settings.tasks[name]?.module, file)),
    ...services.flatMap((plan) => ofService(plan, settings.services[plan.name], directory)),
    ...schedules.flatMap((plan) => ofService(plan, settings.schedules[plan.name], directory)),
  ]
  const byName = new Map(found.flatMap((each) => (each === undefined ? [] : [[each.module, each] as const])))
  return [...byName.values()]
}

/** None of a foreign program (`command`). */
function ofService(
  { appFile, preloads, classFile }: ServicePlan,
  { app, run, worker_class }: Partial<Pick<Service, 'app' | 'run' | 'worker_class'>> = {},
  directory: string,
): readonly (EntryModule | undefined)[] {
  const module = run ?? (typeof app === 'string' ? parseAppSetting(app).module : undefined)
  return [
    named(module, appFile),
    ...ofPreloads(preloads, directory),
    worker_class === undefined ? undefined : named(parseAppSetting(worker_class).module, classFile),
  ]
}

function ofPreloads(
  preloads: NamingConfig['preloads'],
  directory: string,
): readonly (EntryModule | undefined)[] {
  return preloads.map(({ specifier, file }) => named(specifier, file ?? packageFile(specifier, directory)))
}

function named(module: string | null | undefined, file: string | null | undefined): EntryModule | undefined {
  return typeof module === 'string' && typeof file === 'string' ? { module, file } : undefined
}

function packageFile(specifier: string, directory: string): string {
  return createRequire(join(directory, 'noop.js')).resolve(specifier)
}
