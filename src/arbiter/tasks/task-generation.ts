// Runs in the arbiter: a generation as one of its task pools runs it. The pool has the sockets of its queues
// instead of those of `bind`, and its own number of processes and limits. Pure.

import { noSlots } from '../../listen/slot-sockets.ts'
import type { TaskPlan } from '../../config/sources/task-pools.ts'
import type { Listener } from '../../listen/listener.ts'
import type { Generation } from '../model/generation.ts'

/**
 * Milliseconds after the `timeout` of a task at which the arbiter acts. The watchdog of the process acts
 * first; without it, a process that sent no beat for so long is still in a task that has run out of time.
 */
export const taskAllowance = 5000

/** `queues`: in the order of their priority. */
export function taskGeneration(
  generation: Generation,
  plan: TaskPlan,
  queues: readonly Listener[],
): Generation {
  const { config } = generation
  return {
    ...generation,
    task: plan,
    broken: undefined, // that is for the workers, which show it
    tls: undefined,
    config: {
      ...config,
      settings: {
        ...config.settings,
        max_requests: plan.max_tasks,
        max_requests_jitter: 0,
        max_memory: plan.max_memory,
        max_memory_jitter: 0,
      },
      durations: { ...config.durations, timeout: plan.timeout === 0 ? 0 : plan.timeout + taskAllowance },
    },
    workers: plan.processes,
    listeners: queues,
    slots: noSlots(),
  }
}
