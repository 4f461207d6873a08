// Runs in a worker, once at boot: loads the user's module and makes an App of its export. All errors of the
// app are reported here, before the worker accepts connections.

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
  /** The file of the module, if the arbiter has found it. */
  readonly file?: string | null
  /** Imports a file and resolves to its namespace; `{ default: module.exports, ... }` for CommonJS. */
  readonly load: (file: string) => Promise<Namespace>
  /** The directory that relative module paths start from. */
  readonly directory: string
  readonly report: ReportError
}

/**
 * Rejects with an AppError when the module has no such app, an AppBootError when loading or its code fails.
 */
export async function loadApp({
  reference,
  load,
  directory,
  report,
  ...found
}: LoadAppOptions): Promise<App> {
  const wanted = parseAppSetting(reference)
  const file = found.file ?? resolveModule(wanted.module, resolve(directory))
  const namespace = await withBootError(`cannot load ${file}`, () => load(file))
  const chosen = await chooseExport(namespace, wanted)
  const failures = createFailures(report)
  const adapted = await withBootError(`the app of ${file} did not start`, () => adapt(chosen.value, failures))
  // chooseExport returns only recognised apps, but a getter may return another value the second time.
  if (adapted === undefined) throw new AppError(`"${chosen.name}" of ${file} is no longer an app`)
  return {
    kind: adapted.kind,
    handle: failures.guard(adapted.handle),
    ...optionalParts({ namespace, chosen, adapted, report: failures.report }),
  }
}

interface Parts {
  readonly namespace: Namespace
  readonly chosen: Chosen
  readonly adapted: Adapted
  readonly report: ReportError
}

/** The optional parts of an App: the exports of the module first, then those of the framework. */
function optionalParts({
  namespace,
  chosen,
  adapted,
  report,
}: Parts): Pick<App, 'startup' | 'shutdown' | 'upgrade'> {
  const startup = exportedFunction('startup', namespace, chosen.value)
  // An exported shutdown closes the framework itself; closing it twice is not safe with every plugin.
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
 * A function of the module or of an exported plain object; the methods of an instance are its framework's.
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

/** Runs code of the user; any error but an AppError becomes an AppBootError. */
async function withBootError<Result>(what: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppBootError(`${what}: ${messageOf(error)}`, { cause: error })
  }
}
