// The queues of a task: one unix socket for each priority, on which the arbiter has called listen(2). Any
// process. Pure.

import { join } from 'node:path'

/** In the order in which a task process takes from them. */
export const priorities = ['high', 'normal'] as const

export type Priority = (typeof priorities)[number]

/** What listen(2) gets for a queue of this length: the kernel admits one connection more (unix(7)). */
export function backlogOf(maxQueue: number): number {
  return maxQueue - 1
}

/** The path of a queue. `directory`: that of the generation. */
export function queuePath(directory: string, task: string, priority: Priority): string {
  return join(directory, `${task}.${priority}`)
}
