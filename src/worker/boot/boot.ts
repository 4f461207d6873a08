// Runs in a worker: from the boot message to a worker that is able to serve, in gunicorn's order: config and
// hooks, post_fork, user and group, the app, startup(), post_worker_init. The worker does not accept before
// all of it is done.

import { AppListening, type Listening } from '../../app/listening/app-listening.ts'
import { type BindAddress, bindAddress, portVariables } from '../../app/listening/bind-address.ts'
import { ListenCalls } from '../../app/listening/listen-calls.ts'
import { loadApp } from '../../app/load.ts'
import { configObject } from '../../config/sources/config-object.ts'
import { combineHooks, HookRunner, pickHooks, type HookFailure } from '../../config/hooks/runner.ts'
import type { BootMessage, ErrorReport } from '../../ipc/messages.ts'
import type { ModuleLoader } from '../../modules/loader.ts'
import { checkAccess } from '../../modules/files/store.ts'
import { takeOnIdentity, type Identity } from '../../os/process/identity.ts'
import { replaceVariables } from '../../os/variables.ts'
import { Probe } from '../../serving/requests/probe.ts'
import { createErrorApp } from '../development/error-page.ts'
import type { LoadedFiles } from '../development/loaded-files.ts'
import type { Watch } from '../watchdog/watch.ts'
import { checkHealth } from './health-check.ts'
import { createReport, createServing, type ServingOutput } from './serving.ts'
import type { Beginning, Booted, BootSteps } from './steps.ts'
import { serverView, WorkerSelf } from './views.ts'

/** What a boot needs of the process. */
export interface BootSystem {
  readonly pid: number
  readonly masterPid: number
  /** Where a relative path of the app starts. */
  readonly directory: () => string
  readonly isRoot: () => boolean
  readonly takeOnIdentity: (identity: Identity) => void
  /** Sets environment variables. */
  readonly setVariables: (variables: readonly (readonly [name: string, value: string])[]) => void
  /** From now on the app does not listen by itself. */
  readonly takeListen: (binds: readonly BindAddress[]) => Listening
}

export interface BootContext {
  readonly message: BootMessage
  readonly output: ServingOutput
  readonly loader: Pick<LoadedFiles, 'load'>
  readonly watch: Pick<Watch, 'enter' | 'board'>
  readonly system: BootSystem
}

export function bootSystem(process: NodeJS.Process): BootSystem {
  return {
    pid: process.pid,
    masterPid: process.ppid,
    directory: () => process.cwd(),
    isRoot: () => process.getuid?.() === 0,
    takeOnIdentity,
    setVariables: (variables) => void Object.assign(process.env, Object.fromEntries(variables)),
    takeListen: (binds) => new AppListening(new ListenCalls(binds)),
  }
}

export function createBootSteps(context: BootContext): BootSteps {
  return {
    begin: () => begin(context),
    boot: (beginning) => boot(context, beginning),
    errorPage: (error) => bootErrorPage(context, error),
  }
}

async function begin({ message, output, loader, watch, system }: BootContext): Promise<Beginning> {
  const { configFile, hookFiles, durations } = message
  const load: ModuleLoader['load'] = (file) => {
    watch.enter(`it is still loading ${file}`)
    return loader.load(file)
  }
  const inherited = { ...process.env }
  const config = configFile === null ? {} : await configObject(await load(configFile))
  const scripts = await Promise.all(hookFiles.map(async (file) => pickHooks(await load(file), file)))
  // What a config puts into the environment is that of its load in the master: files such as .env may have
  // changed since.
  replaceVariables(process.env, inherited)
  const onFailure = ({ hook, file, error }: HookFailure): void => {
    output.log().error({ err: error, hook, file }, `the hook ${hook} failed; the worker keeps running`)
  }
  const sources = combineHooks([pickHooks(config, configFile ?? 'the config'), ...scripts])
  return {
    hooks: new HookRunner({ sources, timeout: durations.hook_timeout, onFailure }),
    server: serverView(message, system.masterPid),
    worker: new WorkerSelf(message, system.pid),
  }
}

async function boot(context: BootContext, { hooks, server, worker }: Beginning): Promise<Booted> {
  const { message, output, loader, watch, system } = context
  watch.enter('it is still in the hook post_fork')
  await hooks.run('post_fork', server, worker)
  system.takeOnIdentity(message.identity)
  checkAccess(message.codeStore)
  const probe = needsProbe(message) ? new Probe() : undefined
  const report = createReport(output, probe)
  watch.enter(`it is still loading ${message.settings.app ?? ''}`)
  const app = await loadApp({
    reference: message.settings.app ?? '',
    file: message.appFile,
    load: (file) => loader.load(file),
    directory: system.directory(),
    report,
    listening: takeListen(context),
    note: (text) => message.nr === 0 && output.log().info(text), // each worker would say the same
    onSlow: () => watch.enter('its app does not call listen()'),
  })
  const serving = createServing({ message, output, app, hooks, worker, report, probe, board: watch.board })
  if (message.checkOnly) return { app, serving }
  watch.enter("it is still in the app's startup()")
  await app.startup?.()
  worker.server = serving.server
  watch.enter('it is still in the hook post_worker_init')
  await hooks.run('post_worker_init', worker)
  watch.enter('its app does not answer health_check with 2xx')
  if (probe) await checkHealth({ message, server: serving.server, probe })
  watch.enter('it is opening its sockets')
  return { app, serving }
}

/**
 * Takes over listen(), before the app is loaded. The app gets PORT and HOST of `bind`, unless the config sets
 * them, so that a program which reads them listens where its clients are.
 */
function takeListen({ message, system }: BootContext): Listening {
  const binds = message.listeners.map(({ url }) => bindAddress(url))
  const own = message.settings.env
  system.setVariables(Object.entries(portVariables(binds)).filter(([name]) => !Object.hasOwn(own, name)))
  return system.takeListen(binds)
}

/** During development there is no health check: its errors show in the browser. */
function needsProbe({ settings: { health_check, reload } }: BootMessage): boolean {
  return health_check !== null && reload === false
}

function bootErrorPage({ message, output, watch, system }: BootContext, error: ErrorReport): Booted {
  if (system.isRoot()) system.takeOnIdentity(message.identity) // unless the boot has done so
  const app = createErrorApp(error)
  const hooks = new HookRunner({ sources: {}, timeout: 0, onFailure: () => undefined })
  const worker = new WorkerSelf(message, system.pid)
  const report = createReport(output, undefined)
  const { board } = watch
  return {
    app,
    serving: createServing({ message, output, app, hooks, worker, report, probe: undefined, board }),
  }
}
