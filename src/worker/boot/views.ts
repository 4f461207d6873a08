// Runs in a worker: the server and the worker as the hooks of this process see them.

import type { ServerView, Worker } from '../../config/hooks/views.ts'
import { mainService } from '../../config/sources/service-plans.ts'
import type { BootMessage } from '../../ipc/messages.ts'

/** `server` and `exit` are set when they are known. */
export class WorkerSelf implements Worker {
  readonly nr: number
  readonly task: string | null
  readonly service: string | null
  readonly thread: number | null
  readonly cpus: number
  readonly age: number
  readonly generation: number
  readonly pid: number
  readonly settings: Worker['settings']
  server: Worker['server'] = null
  exit: Worker['exit'] = null

  constructor({ nr, task, service, thread, cpus, age, generation, settings }: BootMessage, pid: number) {
    this.nr = nr
    this.task = task?.name ?? null
    this.service = task ? null : (service?.name ?? mainService)
    this.thread = thread?.index ?? null
    this.cpus = cpus
    this.age = age
    this.generation = generation
    this.pid = pid
    this.settings = settings
  }
}

/** Returns the master as it was when this worker was started. */
export function serverView(
  { version, settings, listeners, generation }: BootMessage,
  masterPid: number,
): ServerView {
  const { workers } = settings
  return {
    pid: masterPid,
    version,
    settings,
    listeners: listeners.map(({ url }) => url),
    num_workers: typeof workers === 'number' ? workers : 0,
    generation,
    workers: [],
    slots: [],
    logs: null,
  }
}
