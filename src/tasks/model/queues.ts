// The queues of a task: one unix socket for each priority, on which the arbiter has called listen(2). Any
// process. Pure.

import { join } from 'node:path'

/** In the order in which a task process takes from them. */
export const priorities = ['high', 'normal'] as const

export type Priority = (typeof priorities)[number]

/** The longest path of a unix socket in bytes: sun_path of unix(7) without its final NUL. */
export const longestSocketPath = process.platform === 'darwin' ? 103 : 107

/** The path of a queue. `directory`: that of the task's pool in one generation. */
export function queuePath(directory: string, priority: Priority): string {
  return join(directory, `${priority}.sock`)
}
