// Runs in the arbiter of a program that `tsgun build` has made: the config and the modules that it names are
// files of the build. A module is found by the words by which the config names it. Pure.

import { isAbsolute, relative } from 'node:path'
import type { Service } from '../settings/checked.ts'
import type { Settings } from '../settings/table.ts'
import { isClassName } from '../app/worker-class-setting.ts'

export interface BuiltProgram {
  /** The directory of the build. */
  readonly directory: string
  /** The config file of the build, which `-c` replaces. */
  readonly config: string
  /** The file of each module, by the words of the config. */
  readonly modules: Readonly<Record<string, string>>
  /** Where relative paths start when `chdir` is the directory of the config itself. */
  readonly place: string
}

/** The settings with the files of the build in place of the modules that they name. */
export function inBuild(settings: Settings, { modules }: BuiltProgram): Settings {
  const file = (module: string): string =>
    (Object.hasOwn(modules, module) ? modules[module] : undefined) ?? module
  const exported = (text: string): string => {
    const [module = '', ...rest] = text.split(':')
    return [file(module), ...rest].join(':')
  }
  const classOf = (name: string): string => (isClassName(name) ? name : exported(name))
  const all = (names: string | readonly string[]): string | string[] =>
    typeof names === 'string' ? file(names) : names.map(file)
  const served = ({ app, run, worker_class, import: imported }: Service): Partial<Service> => ({
    ...(typeof app === 'string' && { app: exported(app) }),
    ...(run !== undefined && { run: file(run) }),
    ...(worker_class !== undefined && { worker_class: classOf(worker_class) }),
    ...(imported !== undefined && { import: all(imported) }),
  })
  const { app, hooks, preload, worker_class, tasks, services, schedules } = settings
  return {
    ...settings,
    app: app === null ? null : exported(app),
    hooks: all(hooks),
    import: all(settings.import),
    preload: preload === null ? null : file(preload),
    worker_class: classOf(worker_class),
    tasks: Object.fromEntries(
      Object.entries(tasks).map(([name, pool]) => [name, { ...pool, module: file(pool.module) }]),
    ),
    services: Object.fromEntries(
      Object.entries(services).map(([name, service]) => [name, { ...service, ...served(service) }]),
    ),
    schedules: Object.fromEntries(
      Object.entries(schedules).map(([name, schedule]) => [name, { ...schedule, run: file(schedule.run) }]),
    ),
  }
}

/** `base`: the absolute `chdir`. */
export function baseInBuild(base: string, { directory, place }: BuiltProgram): string {
  const path = relative(directory, base)
  return path === '' || (!path.startsWith('..') && !isAbsolute(path)) ? place : base
}
