// Runs in the arbiter: how many CPUs the computations of one process may use. Without such a figure each
// native library takes all CPUs of the machine, and the processes spend their time waiting for each other.
// Pure.

import type { Settings } from '../../config/settings/table.ts'
import type { TaskPlan } from '../../config/sources/task-pools.ts'
import type { Generation } from './generation.ts'

type Shared = Pick<Generation, 'tasks' | 'task' | 'workers' | 'cpus'> & Threaded
type Threaded = { readonly config: { readonly settings: Pick<Settings, 'worker_class' | 'threads'> } }

/** How many threads of one worker serve the app; 0: its main thread does. */
export function threadCount({
  task,
  workers,
  cpus,
  config: { settings },
}: Pick<Generation, 'task' | 'workers' | 'cpus'> & Threaded): number {
  if (task !== undefined || settings.worker_class !== 'threads') return 0
  return settings.threads === 'auto' ? atLeastOne(cpus / workers) : settings.threads
}

/**
 * Returns a whole number of 1 or more. The CPUs are divided among the processes of all tasks; beside these a
 * worker of the app has one. Without tasks they are divided among the workers and their threads.
 */
export function cpuShare(generation: Shared): number {
  const { tasks, task, workers, cpus } = generation
  const computing = processesOf(tasks.map(({ plan }) => plan))
  if (computing === 0) return atLeastOne(cpus / (workers * Math.max(1, threadCount(generation))))
  return task === undefined ? 1 : taskShare(cpus, computing)
}

/** How many CPUs the computations of a task process may use. `computing`: processes of all tasks. */
export function taskShare(cpus: number, computing: number): number {
  return atLeastOne(cpus / computing)
}

/** Returns the number of processes of all tasks. */
export function processesOf(plans: readonly Pick<TaskPlan, 'processes'>[]): number {
  return plans.reduce((sum, { processes }) => sum + processes, 0)
}

const atLeastOne = (cpus: number): number => Math.max(1, Math.floor(cpus))
