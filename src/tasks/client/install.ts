// Runs in a worker or a task process whose config has `tasks`, before the app is imported: from here on its
// `task()` works.

import { didYouMean } from '../../config/problems/did-you-mean.ts'
import { taskLink } from '../model/link.ts'
import { AbortWatch } from './abort-watch.ts'
import { TaskClient } from './client.ts'
import { CallStatistics, type TaskCounters } from './counters.ts'
import type { TasksOptions, TaskTarget } from './options.ts'
import type { CallTarget } from './target.ts'

export interface InstalledTasks {
  /** What has become of the calls of this process, by task. */
  readonly taskCounters: () => ReadonlyMap<string, TaskCounters>
  /** Removes the link. Calls that were made go on. */
  readonly remove: () => void
}

/** Bytes that are read at a time between frames. */
const scratchSize = 65_536

export function installTasks(options: TasksOptions): InstalledTasks {
  const scratch = Buffer.allocUnsafeSlow(scratchSize)
  const targets = [...options.tasks].map(([name, target]) => callTarget(name, target, { options, scratch }))
  const clients = new Map(targets.map((target) => [target.name, new TaskClient(target, options)]))
  const find = (name: string): TaskClient => {
    const client = clients.get(name)
    if (client) return client
    throw new Error(unknownTask(name, [...clients.keys()]))
  }
  const remove = taskLink.install({ find })
  const taskCounters = (): ReadonlyMap<string, TaskCounters> =>
    new Map(targets.map(({ name, statistics }) => [name, statistics.read()]))
  return { taskCounters, remove }
}

function callTarget(
  name: string,
  target: TaskTarget,
  { options, scratch }: { readonly options: TasksOptions; readonly scratch: Buffer },
): CallTarget {
  return {
    processes: 1,
    ...target,
    name,
    scratch,
    statistics: new CallStatistics(),
    aborts: new AbortWatch(),
    isStopping: options.stopping,
    logBadFrame: (error) =>
      options
        .log()
        .warn(
          { err: error },
          `a process of the task ${name} has sent what is no message; the call has failed`,
        ),
  }
}

function unknownTask(name: string, known: readonly string[]): string {
  const near = didYouMean(name, known)
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`
  const list = known.length === 0 ? 'the config has none' : `known are ${known.join(', ')}`
  return `there is no task "${name}" in the setting tasks: ${list}.${hint}`
}
