// Runs in a worker: from the boot message to a worker that is able to serve, in gunicorn's order: config and
// hooks, post_fork, user and group, the app, startup(), post_worker_init. The worker does not accept before
// all of it is done.

import { loadApp } from '../../app/load.ts'
import type { App, ReportError } from '../../app/model/app.ts'
import type { ServerView, Worker } from '../../config/hooks/views.ts'
import type { ModuleLoader } from '../../modules/loader.ts'
import { checkAccess } from '../../modules/store.ts'
import { combineHooks, HookRunner, pickHooks, type HookFailure } from '../../config/hooks/runner.ts'
import { configObject } from '../../config/sources/config-object.ts'
import type { BootMessage, ErrorReport } from '../../ipc/messages.ts'
import { compileAccessFormat } from '../../logging/access/compile.ts'
import { describeError } from '../../logging/records/describe-error.ts'
import { takeOnIdentity } from '../../os/process/identity.ts'
import { workerClasses } from '../../serving/classes/table.ts'
import type { Board } from '../../serving/connections/board.ts'
import type { Serving } from '../../serving/classes/worker-class.ts'
import { createAccessWriter } from '../../serving/requests/access.ts'
import { createErrorApp } from '../development/error-page.ts'
import type { LoadedFiles } from '../development/loaded-files.ts'
import type { Output } from '../output.ts'
import { limitRequests } from './request-limit.ts'
import type { Watch } from '../watchdog/watch.ts'
import { Probe } from '../../serving/requests/probe.ts'
import { createRequestHooks } from '../../serving/requests/hooks.ts'
import { checkHealth } from './health-check.ts'

export interface BootContext {
  readonly message: BootMessage
  readonly output: Output
  readonly loader: LoadedFiles
  readonly watch: Watch
}

/** A worker whose hooks are known; the app may still be missing. */
export interface Beginning {
  readonly hooks: HookRunner
  readonly server: ServerView
  readonly worker: WorkerSelf
}

export interface Booted {
  readonly app: App
  readonly serving: Serving
}

/** The worker's own view, whose server appears when there is one. */
export class WorkerSelf implements Worker {
  readonly nr: number
  readonly age: number
  readonly generation: number
  readonly pid = process.pid
  readonly settings: Worker['settings']
  server: Worker['server'] = null
  exit: Worker['exit'] = null

  constructor({ nr, age, generation, settings }: BootMessage) {
    this.nr = nr
    this.age = age
    this.generation = generation
    this.settings = settings
  }
}

/** Loads the hooks of the config file and of the hook scripts. */
export async function begin({
  message,
  output,
  loader: { load: plainly },
  watch,
}: BootContext): Promise<Beginning> {
  const { configFile, hookFiles, settings } = message
  const load: ModuleLoader['load'] = (file) => {
    watch.enter(`it is still loading ${file}`)
    return plainly(file)
  }
  const config = configFile === null ? {} : await configObject(await load(configFile))
  const scripts = await Promise.all(hookFiles.map(async (file) => pickHooks(await load(file), file)))
  const onFailure = ({ hook, file, error }: HookFailure): void => {
    output.log().error({ err: error, hook, file }, `the hook ${hook} failed; the worker goes on`)
  }
  const sources = combineHooks([pickHooks(config, configFile ?? 'the config'), ...scripts])
  const hooks = new HookRunner({ sources, timeout: settings.hook_timeout * 1000, onFailure })
  return { hooks, server: serverView(message), worker: new WorkerSelf(message) }
}

/** From post_fork to post_worker_init. Rejects with what stopped it. */
export async function boot(
  { message, output, loader, watch }: BootContext,
  { hooks, server, worker }: Beginning,
): Promise<Booted> {
  watch.enter('it is still in the hook post_fork')
  await hooks.run('post_fork', server, worker)
  takeOnIdentity(message.identity)
  checkAccess(message.codeStore)
  const { health_check, reload } = message.settings
  // whoever develops sees at once what is wrong
  const probe = health_check === null || reload !== false ? undefined : new Probe()
  const report = createReport(output, probe)
  watch.enter(`it is still loading ${message.settings.app ?? ''}`)
  const app = await loadApp({
    reference: message.settings.app ?? '',
    file: message.appFile,
    load: (file) => loader.load(file),
    directory: process.cwd(),
    report,
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

/** With `reload`: instead of the app, which could not be booted, its error is served. */
export function bootErrorPage({ message, output, watch }: BootContext, error: ErrorReport): Booted {
  if (process.getuid?.() === 0) takeOnIdentity(message.identity) // unless the boot came that far
  const app = createErrorApp(error)
  const hooks = new HookRunner({ sources: {}, timeout: 0, onFailure: () => undefined })
  const worker = new WorkerSelf(message)
  const report = createReport(output, undefined)
  return {
    app,
    serving: createServing({
      message,
      output,
      app,
      hooks,
      worker,
      report,
      probe: undefined,
      board: watch.board,
    }),
  }
}

interface ServingParts {
  readonly message: BootMessage
  readonly output: Output
  readonly app: App
  readonly hooks: HookRunner
  readonly worker: Worker
  readonly report: ReportError
  readonly probe: Probe | undefined
  readonly board: Board | undefined
}

function createServing({ message, output, app, hooks, worker, report, probe, board }: ServingParts): Serving {
  const { settings, nr, listeners } = message
  const format = (): ReturnType<typeof compileAccessFormat> =>
    compileAccessFormat(settings.access_log_format, {
      pid: process.pid,
      worker: nr,
      environment: process.env,
    })
  return workerClasses[settings.worker_class]({
    app,
    listeners,
    backlog: settings.backlog,
    keepAlive: settings.keepalive * 1000,
    connectionLimit: settings.worker_connections,
    writeAccess:
      settings.accesslog === null
        ? undefined
        : createAccessWriter({ format: format(), requests: output.requests, write: output.writeAccess }),
    requestHooks: createRequestHooks(hooks, worker),
    requestLimit: limitRequests(settings.request_timeout, output),
    probe,
    board,
    report,
    onShortage: (reason) => output.log().error(`this worker accepts no more connections for now: ${reason}`),
    onNoGate: (reason) => output.log().warn(`worker_connections cannot be kept: ${reason}`),
  })
}

/**
 * One record in the error log for each error that a request met; that of a health check is told when the
 * worker gives up.
 */
function createReport(output: Output, probe: Probe | undefined): ReportError {
  return (error, request) => {
    if (request && probe?.owns(request)) return probe.noteError(error)
    const fields = request
      ? { err: error, method: request.method, path: request.url, request_id: output.requests.idOf(request) }
      : { err: error }
    output
      .log()
      .error(fields, `${request ? 'a request failed' : 'the app failed'}: ${describeError(error).message}`)
  }
}

/** The master as a worker sees it: what it was when this worker was started. */
function serverView({ version, settings, listeners, generation }: BootMessage): ServerView {
  const { workers } = settings
  const num_workers = typeof workers === 'number' ? workers : 0
  return {
    pid: process.ppid,
    version,
    settings,
    listeners: listeners.map(({ url }) => url),
    num_workers,
    generation,
    workers: [],
    slots: [],
    logs: null,
  }
}
