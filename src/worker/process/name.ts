// Runs in a worker process: what it is called in its title, and towards the bus.

import type { BootMessage } from '../../ipc/messages.ts'
import { mainService } from '../../logging/records/record.ts'

/** `worker 0` also where there are services: the app of the server is one of them, named `web`. */
export function processName({ nr, task, service }: Pick<BootMessage, 'nr' | 'task' | 'service'>): string {
  if (task !== undefined) return `task ${task.name} ${nr}`
  const name = service?.name ?? mainService
  return `${name === mainService ? 'worker' : name} ${nr}`
}
