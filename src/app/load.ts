// Runs in a worker, once at boot: loads the user's module and makes an App of it. All errors of the app are
// reported here, before the worker accepts connections.

import { resolve } from 'node:path'
import { isModuleNamespaceObject } from 'node:util/types'
import type { Adapted } from './model/adapted.ts'
import type { App, ReportError, UpgradeHandler } from './model/app.ts'
import { adapt } from './adapt.ts'
import { withBootError } from './boot-error.ts'
import { chooseExport } from './choose-export.ts'
import type { AppModule, Namespace } from './model/app-module.ts'
import { AppError } from '../config/app/errors.ts'
import type { Listening } from './listening/app-listening.ts'
import { mainServer } from './listening/app-server.ts'
import { ineffectiveSettings } from './listening/ineffective-settings.ts'
import { ServersBesides } from './listening/servers-besides.ts'
import { findProgram } from './program.ts'
import { createFailures, type Failures } from './requests/failures.ts'
import { isClass, isFetch, read } from './model/shapes.ts'
import { type AppSetting, parseAppSetting } from '../config/app/app-setting.ts'
import { resolveModule } from '../config/app/resolve-module.ts'
import { guardUpgrade } from './requests/upgrades.ts'

export interface LoadAppOptions {
  /** The `app` setting. */
  readonly reference: string
  /** The file of the module, if the arbiter has found it. */
  readonly file?: string | null
  /** Imports a file and resolves to its namespace; `{ default: module.exports, ... }` for CommonJS. */
  readonly load: (file: string) => Promise<Namespace>
  /** The directory that relative module paths start from. */
  readonly directory: string
  readonly report: ReportError
  /** The servers with which the app listens by itself. */
  readonly listening: Listening
  /** Called with a sentence for the log. */
  readonly note: (text: string) => void
  /** Called with what the app has set that has no effect. */
  readonly warn: (text: string) => void
  /** Called once when a program does not listen for a while. */
  readonly onSlow: () => void
}

interface LoadedModule extends Omit<LoadAppOptions, 'file'>, AppModule {
  readonly wanted: AppSetting
  readonly failures: Failures
}

/**
 * Rejects with an AppError when the module has no such app, an AppBootError when loading or its code fails.
 */
export async function loadApp(options: LoadAppOptions): Promise<App> {
  const { reference, load, directory, report, listening } = options
  const wanted = parseAppSetting(reference)
  const file = options.file ?? resolveModule(wanted.module, resolve(directory))
  const namespace = await listening.while(withBootError(`cannot load ${file}`, () => load(file), file))
  const module = { ...options, wanted, file, namespace, failures: createFailures(report) }
  const app = await listening.while(appOf(module))
  for (const { server } of app.servers ?? []) ineffectiveSettings(server).forEach(options.warn)
  return app
}

async function appOf(module: LoadedModule): Promise<App> {
  const program = module.wanted.export === undefined ? await findProgram(module) : undefined
  if (program === undefined) return exportedApp(module)
  return { ...program, ...optionalParts(module, undefined, program.close) }
}

async function exportedApp(module: LoadedModule): Promise<App> {
  const { wanted, file, namespace, failures } = module
  const chosen = await chooseExport(namespace, wanted)
  const adapted = await withBootError(`the app of ${file} did not start`, () =>
    adapt(chosen.value, failures, module),
  )
  // chooseExport returns only recognised apps, but a getter may return another value the second time.
  if (adapted === undefined) throw new AppError(`"${chosen.name}" of ${file} is no longer an app`)
  const { kind, handle, server, listen, close } = adapted
  const besides = new ServersBesides({ ...module, exported: chosen.value })
  return {
    kind,
    handle: failures.guard(handle),
    servers: [...(server ? [mainServer(server, failures)] : []), ...besides.servers()],
    follow: (handlers) => besides.follow(handlers),
    ...(server && listen ? { listen: () => module.listening.listen(server, listen) } : {}),
    ...(await webSockets(module, kind, chosen.value)),
    ...optionalParts(module, chosen.value, close),
  }
}

/** The hooks of crossws that an app with `fetch` exports. An exported upgrade() comes before them. */
async function webSockets(module: LoadedModule, kind: string, app: unknown): Promise<Pick<App, 'upgrade'>> {
  const { namespace, failures } = module
  const websocket = ownerOf('websocket', namespace, app)?.['websocket']
  if (kind !== 'fetch' || !isFetch(app) || !isPlainObject(websocket)) return {}
  const { adaptCrossws } = await import('./adapters/crossws.ts')
  const upgrade = await adaptCrossws(websocket, app, module)
  return upgrade === undefined ? {} : { upgrade: guardUpgrade(upgrade, failures.report) }
}

/** The optional parts of an App: the exports of the module first, then those of the framework. */
function optionalParts(
  { namespace, failures }: LoadedModule,
  app: unknown,
  close: Adapted['close'],
): Pick<App, 'startup' | 'shutdown' | 'upgrade'> {
  const startup = exportedFunction('startup', namespace, app)
  // An exported shutdown closes the framework itself; closing it twice is not safe with every plugin.
  const shutdown = exportedFunction('shutdown', namespace, app) ?? close
  const upgrade: UpgradeHandler | undefined = exportedFunction('upgrade', namespace, app)
  return {
    ...(startup === undefined ? {} : { startup }),
    ...(shutdown === undefined ? {} : { shutdown }),
    ...(upgrade === undefined ? {} : { upgrade: guardUpgrade(upgrade, failures.report) }),
  }
}

type Exported = (...args: unknown[]) => unknown

/**
 * A function of the module or of an exported plain object; the methods of an instance are its framework's.
 */
function exportedFunction(name: string, namespace: Namespace, app: unknown): Exported | undefined {
  const owner = ownerOf(name, namespace, app)
  const found = read(owner, name)
  if (found === undefined) return undefined
  if (typeof found !== 'function' || isClass(found))
    throw new AppError(`the app's export "${name}" is not a function`)
  return (...args) => Reflect.apply(found, owner === namespace ? undefined : owner, args)
}

function ownerOf(name: string, namespace: Namespace, app: unknown): Record<string, unknown> | undefined {
  return [namespace, namespace['default'], app].filter(isPlainObject).find((value) => value[name] != null)
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  if (isModuleNamespaceObject(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
