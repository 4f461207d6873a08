// Runs in a worker and in a process of a task pool: makes `task()` of the app work, before anything of the
// user is loaded.

import { drainSignal } from '../../app/drain-signal.ts'
import type { CallableTask } from '../../ipc/boot-parts.ts'
import type { BootMessage } from '../../ipc/messages.ts'
import type { TaskReport } from '../../ipc/task-report.ts'
import { RequestScope } from '../../serving/requests/request-scope.ts'
import { installTasks } from '../../tasks/client/install.ts'
import type { CallerRequest, TaskTarget } from '../../tasks/client/options.ts'
import { TaskContext } from '../../tasks/model/task-context.ts'
import type { ServingOutput } from './serving.ts'

/** What this process has of tasks. */
export interface ProcessTasks {
  /** In a worker of the app: for which request its code runs. */
  readonly scope: RequestScope | undefined
  /** In a process of a task: for which call its code runs. */
  readonly context: TaskContext
  /** What has become of the calls, by task. */
  readonly calls: () => TaskReport['calls']
}

export function openTasks(
  message: BootMessage,
  output: ServingOutput,
  context = new TaskContext(),
): ProcessTasks {
  const { tasks, task } = message
  const scope = task === undefined ? new RequestScope() : undefined
  const { taskCounters } = installTasks({
    tasks: new Map(tasks.map((each) => [each.name, targetOf(each)])),
    stopping: () => drainSignal.aborted,
    log: () => output.log(),
    currentRequest: scope && (() => callerOf(scope, output)),
    currentTask: () => context.current(),
    self: task?.name,
  })
  return { scope, context, calls: () => Object.fromEntries(taskCounters()) }
}

function targetOf({ high, normal, timeout, attempts, maxQueue, processes }: CallableTask): TaskTarget {
  const queue: TaskTarget['queue'] = (priority) => (priority === 'high' ? high : normal)
  return { queue, timeout, attempts, maxQueue, processes }
}

function callerOf(scope: RequestScope, { requests }: ServingOutput): CallerRequest | undefined {
  const request = scope.current()
  return request && { id: requests.idOf(request), signal: request.signal }
}
