// Runs in the arbiter: how many CPUs the computations of one process may use. Without such a figure each
// native library takes all CPUs of the machine, and the processes spend their time waiting for each other.
// Pure.

import type { Generation } from '../../model/generation.ts'

type Shared = Pick<Generation, 'tasks' | 'task' | 'workers' | 'cpus'>

/**
 * Returns a whole number of 1 or more. The CPUs are divided among the processes of all tasks; beside these a
 * worker of the app has one. Without tasks they are divided among the workers.
 */
export function cpuShare({ tasks, task, workers, cpus }: Shared): number {
  const computing = tasks.reduce((sum, { plan }) => sum + plan.processes, 0)
  if (computing === 0) return atLeastOne(cpus / workers)
  return task === undefined ? 1 : atLeastOne(cpus / computing)
}

const atLeastOne = (cpus: number): number => Math.max(1, Math.floor(cpus))
