// Runs in a process of a task pool: from the module of the task to a host that takes tasks. The model is
// loaded before the first task is taken.

import type { App } from '../../app/model/app.ts'
import type { TaskBoot } from '../../ipc/boot-parts.ts'
import type { RunFigures } from '../../ipc/task-report.ts'
import { log } from '../../logging/records/app-log.ts'
import { loadNative } from '../../os/system/native.ts'
import { TaskHost } from '../../tasks/host/host.ts'
import { checkDefinition } from '../../tasks/model/check-definition.ts'
import type { AnyDefinition } from '../../tasks/model/definition.ts'
import type { BootContext } from './context.ts'
import type { Booted } from './steps.ts'
import type { ProcessTasks } from './task-calls.ts'
import { idle, TaskBoard, TaskServing } from './task-serving.ts'

export async function bootTask(context: BootContext, task: TaskBoot, tasks: ProcessTasks): Promise<Booted> {
  const { message, watch } = context
  watch.enter(`it is still loading ${task.file}`)
  const definition = checkDefinition(await context.loader.load(task.file), task.file)
  if (message.checkOnly) return { app: taskApp({}, undefined), serving: new TaskServing(task.name, idle) }
  watch.enter(`it is still in load() of the task ${task.name}`)
  const { nr, cpus } = message
  const model = await definition.load?.({ name: task.name, nr, cpus, log })
  const host = createHost(context, task, { definition, model, tasks })
  return {
    app: taskApp(definition, model),
    serving: new TaskServing(task.name, host),
    taskReport: () => ({ calls: tasks.calls(), ran: ranBy(host) }),
  }
}

interface Loaded {
  readonly definition: AnyDefinition
  readonly model: unknown
  readonly tasks: ProcessTasks
}

function createHost(
  { message, watch, output }: BootContext,
  { name, timeout, maxQueue }: TaskBoot,
  { definition, model, tasks }: Loaded,
): TaskHost {
  const board = watch.board && new TaskBoard(name, watch.board)
  const [high, normal] = message.listeners
  if (high === undefined || normal === undefined) throw new Error(`the task ${name} has no queues`)
  return new TaskHost({
    name,
    definition,
    model,
    queues: { high: high.fd, normal: normal.fd },
    maxQueue,
    timeout,
    native: loadNative(),
    context: tasks.context,
    log: () => output.log(),
    onBegin(tasks) {
      watch.beginTask(timeout)
      board?.begin(tasks)
    },
    onEnd() {
      watch.endTask()
      board?.end()
    },
  })
}

function ranBy(host: TaskHost): RunFigures {
  const { tasks, batches, waits, runs } = host.stats()
  return { tasks, batches, waits, runs }
}

/** What the last steps of the process call. */
function taskApp({ unload }: Pick<AnyDefinition, 'unload'>, model: unknown): App {
  return { kind: 'task', handle: () => undefined, shutdown: () => unload?.(model) }
}
