// Loads the user's module in a worker and makes an App of it, whatever it exports. All that can be wrong with
// it is said here, before the worker accepts a connection.

import { resolve } from 'node:path'
import { isModuleNamespaceObject } from 'node:util/types'
import type { App, ReportError, UpgradeHandler } from './model/app.ts'
import { type Adapted, adapt } from './adapt.ts'
import { type Chosen, type Namespace, chooseExport, messageOf } from './choose-export.ts'
import { AppBootError, AppError } from '../config/app/errors.ts'
import { createFailures } from './requests/failures.ts'
import { isClass, read } from './model/recognise.ts'
import { parseAppSetting } from '../config/app/app-setting.ts'
import { resolveModule } from '../config/app/resolve-module.ts'
import { guardUpgrade } from './requests/upgrades.ts'

export interface LoadAppOptions {
  /** The `app` setting. */
  readonly reference: string
  /** The file of its module, when it was found already. */
  readonly file?: string | null
  /** Imports a file and answers its namespace; `{ default: module.exports, ... }` for CommonJS. */
  readonly load: (file: string) => Promise<Namespace>
  /** Where a relative module path starts. */
  readonly directory: string
  readonly report: ReportError
}

/** Throws AppError when the module holds no such app, AppBootError when it is not found or its code fails. */
export async function loadApp({
  reference,
  load,
  directory,
  report,
  ...found
}: LoadAppOptions): Promise<App> {
  const wanted = parseAppSetting(reference)
  const file = found.file ?? resolveModule(wanted.module, resolve(directory))
  const namespace = await booting(`cannot load ${file}`, () => load(file))
  const chosen = await chooseExport(namespace, wanted)
  const failures = createFailures(report)
  const adapted = await booting(`the app of ${file} did not start`, () => adapt(chosen.value, failures))
  // chooseExport answers only what some adapter recognises; a getter may change its mind.
  if (adapted === undefined) throw new AppError(`"${chosen.name}" of ${file} is not an app any more`)
  return {
    kind: adapted.kind,
    handle: failures.guard(adapted.handle),
    ...moments({ namespace, chosen, adapted, report: failures.report }),
  }
}

interface Parts {
  readonly namespace: Namespace
  readonly chosen: Chosen
  readonly adapted: Adapted
  readonly report: ReportError
}

/** The optional parts of an App: the module's own exports first, then what the framework brings. */
function moments({
  namespace,
  chosen,
  adapted,
  report,
}: Parts): Pick<App, 'startup' | 'shutdown' | 'upgrade'> {
  const startup = exportedFunction('startup', namespace, chosen.value)
  // Who exports a shutdown closes the framework there; closing it a second time is not safe with every
  // plugin.
  const shutdown = exportedFunction('shutdown', namespace, chosen.value) ?? adapted.close
  const upgrade: UpgradeHandler | undefined =
    exportedFunction('upgrade', namespace, chosen.value) ?? adapted.upgrade
  return {
    ...(startup === undefined ? {} : { startup }),
    ...(shutdown === undefined ? {} : { shutdown }),
    ...(upgrade === undefined ? {} : { upgrade: guardUpgrade(upgrade, report) }),
  }
}

type Exported = (...args: unknown[]) => unknown

/**
 * A function of the module, or of a plain object that it exports: an instance has methods of its own
 * framework.
 */
function exportedFunction(name: string, namespace: Namespace, app: unknown): Exported | undefined {
  const owner = [namespace, namespace['default'], app].find(
    (value) => isPlainObject(value) && value[name] != null,
  )
  const found = read(owner, name)
  if (found === undefined) return undefined
  if (typeof found !== 'function' || isClass(found))
    throw new AppError(`the app's export "${name}" is not a function`)
  return (...args) => Reflect.apply(found, owner === namespace ? undefined : owner, args)
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  if (isModuleNamespaceObject(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Runs code of the user's: its error is a failure to boot, whatever it is. */
async function booting<Result>(what: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppBootError(`${what}: ${messageOf(error)}`, { cause: error })
  }
}
