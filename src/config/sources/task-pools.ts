// Runs in the arbiter, when a config is loaded: the task pools of the setting `tasks`, each with the file of
// its module, so that all processes of a generation load the same file.

import { realpathSync } from 'node:fs'
import { cpuCount } from '../../os/limits/cpu-count.ts'
import type { TaskPool } from '../settings/checked.ts'
import { AppBootError } from '../app/errors.ts'
import { resolveModule } from '../app/resolve-module.ts'

/** A task pool as a config has it. */
export interface TaskPlan extends Omit<TaskPool, 'module' | 'processes' | 'timeout'> {
  readonly name: string
  /** The file of its module, without symlinks. */
  readonly file: string
  readonly processes: number
  /** Milliseconds; 0 means no limit. */
  readonly timeout: number
}

export interface TaskPlans {
  readonly pools: readonly TaskPlan[]
  /** One sentence for each pool whose module cannot be found. */
  readonly problems: readonly { readonly part: string; readonly message: string }[]
}

/** `directory`: where relative paths start. */
export function findTaskPools(tasks: Readonly<Record<string, TaskPool>>, directory: string): TaskPlans {
  const found = Object.entries(tasks).map(([name, pool]) => ({ name, pool, file: fileOf(pool, directory) }))
  return {
    pools: found.flatMap(({ name, pool, file }) => ('path' in file ? [planOf(name, pool, file.path)] : [])),
    problems: found.flatMap(({ name, file }) =>
      'message' in file ? [{ part: `${name}.module`, message: file.message }] : [],
    ),
  }
}

function planOf(name: string, pool: TaskPool, file: string): TaskPlan {
  const { max_queue, max_tasks, max_memory, attempts } = pool
  const processes = pool.processes === 'auto' ? cpuCount() : pool.processes
  const timeout = pool.timeout * 1000
  return { name, file, processes, timeout, max_queue, max_tasks, max_memory, attempts }
}

function fileOf(
  { module }: TaskPool,
  directory: string,
): { readonly path: string } | { readonly message: string } {
  try {
    return { path: realpathSync(resolveModule(module, directory)) }
  } catch (error) {
    if (error instanceof AppBootError) return { message: error.message }
    throw error
  }
}
