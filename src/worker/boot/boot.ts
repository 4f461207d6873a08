// Runs in a worker: from the boot message to a worker that is able to serve, in gunicorn's order: config and
// hooks, post_fork, user and group, the app, startup(), post_worker_init. The worker does not accept before
// all of it is done.

import { configObject } from '../../config/sources/config-object.ts'
import { combineHooks, HookRunner, pickHooks, type HookFailure } from '../../config/hooks/runner.ts'
import { ownPackage } from '../../os/own-code.ts'
import type { ServiceBoot, TaskBoot } from '../../ipc/boot-parts.ts'
import type { BootMessage, ErrorReport } from '../../ipc/messages.ts'
import { saying } from '../../logging/records/said.ts'
import type { ModuleLoader } from '../../modules/loader.ts'
import { checkAccess } from '../../modules/files/store.ts'
import { replaceVariables } from '../../os/variables.ts'
import { Probe } from '../../serving/requests/probe.ts'
import { createErrorApp } from '../development/error-page.ts'
import type { Serving } from '../../serving/classes/worker-class.ts'
import { installBus } from './bus.ts'
import type { BootContext, BootSystem } from './context.ts'
import { checkHealth } from './health-check.ts'
import { openHttp2 } from './http2.ts'
import { loadWorkerApp } from './load-worker-app.ts'
import { logErrorResponses } from './error-responses.ts'
import type { OwnClass } from './own-class.ts'
import { createReport } from './report-errors.ts'
import type { ProcessTasks } from './task-calls.ts'
import { createServing, type ServingParts } from './serving.ts'
import type { Beginning, Booted, BootSteps } from './steps.ts'
import { serverView, WorkerSelf } from './views.ts'

export function createBootSteps(context: BootContext): BootSteps {
  return {
    begin: () => begin(context),
    boot: (beginning) => boot(context, beginning),
    errorPage: (error) => bootErrorPage(context, error),
  }
}

async function begin(context: BootContext): Promise<Beginning> {
  const { message, output, loader, watch, system } = context
  checkVersion(message, system)
  const tasks = await openTaskCalls(context)
  await installBus(context)
  const { configFile, hookFiles, durations } = message
  const load: ModuleLoader['load'] = (file) => {
    watch.enter(`it is still loading ${file}`)
    return loader.load(file)
  }
  if (message.shared) {
    const { installShared } = await import('../../sharing/install.ts')
    installShared(message.shared)
  }
  if (message.preloads.length > 0) {
    const { loadPreloads } = await import('./preload.ts')
    await loadPreloads({ modules: message.preloads, load, directory: system.directory() })
  }
  const inherited = { ...process.env }
  const config = configFile === null ? {} : await configObject(await load(configFile))
  const scripts = await Promise.all(hookFiles.map(async (file) => pickHooks(await load(file), file)))
  // What a config puts into the environment is that of its load in the master: files such as .env may have
  // changed since.
  replaceVariables(process.env, inherited)
  const onFailure = ({ hook, file, error }: HookFailure): void => {
    output
      .log()
      .error(
        { err: error, file, ...saying('hook_failed', { hook }) },
        `the hook ${hook} failed; the worker keeps running`,
      )
  }
  const sources = combineHooks([pickHooks(config, configFile ?? 'the config'), ...scripts])
  return {
    hooks: new HookRunner({ sources, timeout: durations.hook_timeout, onFailure }),
    server: serverView(message, system.masterPid),
    worker: new WorkerSelf(message, system.pid),
    tasks,
  }
}

/** Undefined without tasks: most servers have none. */
async function openTaskCalls({
  message,
  output,
  taskContext,
}: BootContext): Promise<ProcessTasks | undefined> {
  if (message.tasks.length === 0) return undefined
  const { openTasks } = await import('./task-calls.ts')
  return openTasks(message, output, taskContext)
}

/** Two versions may not understand each other: tsgun was replaced where the master runs from. */
function checkVersion({ version: masters }: BootMessage, { version, masterPid }: BootSystem): void {
  if (version === masters) return
  throw new Error(
    `this worker is tsgun ${version} (${ownPackage}), and its master is tsgun ${masters}: ` +
      `upgrade the master (kill -USR2 ${masterPid}, or tsgunctl upgrade)`,
  )
}

async function boot(context: BootContext, { hooks, server, worker, tasks }: Beginning): Promise<Booted> {
  const { message, output, watch, system } = context
  watch.enter('it is still in the hook post_fork')
  await hooks.run('post_fork', server, worker)
  await system.takeOnIdentity(message.identity)
  checkAccess(message.codeStore)
  if (message.service?.isRunner) return bootRunnerProcess(context, message.service, { hooks, worker, tasks })
  if (message.task && tasks) return bootTaskProcess(context, message.task, { hooks, worker, tasks })
  const probe = needsProbe(message) ? new Probe() : undefined
  const responses = logErrorResponses(output)
  const report = createReport({ output, probe, responses })
  const app = await loadWorkerApp(context, report)
  const ownClass = await openOwnClass(context)
  if (message.tls) watch.enter('it is still in the hook ssl_context')
  const scope = tasks?.scope
  const served = { app, hooks, worker, report, responses, probe, scope, ownClass }
  const serving = await openServing(context, served)
  if (message.checkOnly) return { app, serving }
  watch.enter("it is still in the app's startup()")
  await app.startup?.()
  worker.server = serving.server
  watch.enter('it is still in the hook post_worker_init')
  await hooks.run('post_worker_init', worker)
  watch.enter('its app does not answer health_check with 2xx')
  if (probe) await checkHealth({ message, server: serving.server, probe })
  watch.enter('it is opening its sockets')
  return { app, serving, taskReport: tasks && (() => ({ calls: tasks.calls() })) }
}

/** Undefined with a class that tsgun has. */
async function openOwnClass(context: BootContext): Promise<OwnClass | undefined> {
  const { classFile } = context.message
  if (classFile === null) return undefined
  const { createOwnClass } = await import('./own-class.ts')
  return createOwnClass(context, classFile)
}

async function bootTaskProcess(
  context: BootContext,
  task: TaskBoot,
  { hooks, worker, tasks }: Pick<Beginning, 'hooks' | 'worker'> & { readonly tasks: ProcessTasks },
): Promise<Booted> {
  const { message, watch } = context
  const { bootTask } = await import('./boot-task.ts')
  const booted = await bootTask(context, task, tasks)
  if (message.checkOnly) return booted
  watch.enter('it is still in the hook post_worker_init')
  await hooks.run('post_worker_init', worker)
  watch.enter('it is opening its queues')
  return booted
}

async function bootRunnerProcess(
  context: BootContext,
  service: ServiceBoot,
  { hooks, worker, tasks }: Pick<Beginning, 'hooks' | 'worker' | 'tasks'>,
): Promise<Booted> {
  const { message, watch } = context
  const booted = await bootRunning(context, service)
  if (message.checkOnly) return booted
  watch.enter('it is still in the hook post_worker_init')
  await hooks.run('post_worker_init', worker)
  watch.enter('it waits for its turn to run')
  return { ...booted, taskReport: tasks && (() => ({ calls: tasks.calls() })) }
}

async function bootRunning(context: BootContext, service: ServiceBoot): Promise<Booted> {
  if (service.runAt !== undefined) {
    const { bootRun } = await import('./boot-run.ts')
    return bootRun(context, service.name, service.runAt)
  }
  const { bootRunner } = await import('./boot-runner.ts')
  return bootRunner(context, service)
}

/** During development there is no health check: its errors show in the browser. */
function needsProbe({ settings: { health_check, reload } }: BootMessage): boolean {
  return health_check !== null && reload === false
}

async function bootErrorPage(context: BootContext, error: ErrorReport): Promise<Booted> {
  const { message, output, system } = context
  if (system.isRoot()) await system.takeOnIdentity(message.identity) // unless the boot has done so
  const app = createErrorApp(error)
  const hooks = new HookRunner({ sources: {}, timeout: 0, onFailure: () => undefined })
  const worker = new WorkerSelf(message, system.pid)
  // The app is the error page: its responses are no news.
  const responses = { explain: () => undefined, note: () => undefined }
  const probe = undefined
  const report = createReport({ output, probe, responses })
  const scope = undefined
  return { app, serving: await openServing(context, { app, hooks, worker, report, responses, probe, scope }) }
}

type Served = Pick<
  ServingParts,
  'app' | 'hooks' | 'worker' | 'report' | 'responses' | 'probe' | 'scope' | 'ownClass'
>

async function openServing(
  { message, output, watch: { board }, certificates, clientLimit }: BootContext,
  served: Served,
): Promise<Serving> {
  const tls = await certificates.open(served.hooks)
  const http2 = await openHttp2(message.settings)
  return createServing({ ...served, message, output, board, tls, http2, clientLimit })
}
