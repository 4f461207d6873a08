// Runs in a worker, only with a worker class of the user: a class that tsgun has, with what the user's adds.

import type { WorkerService } from './definition.ts'
import { Extension } from './extension.ts'
import type { ServeOptions, Serving, WorkerClass } from './worker-class.ts'

export interface Extending {
  readonly base: WorkerClass
  readonly service: WorkerService
  /** Runs `listen` of the class; what it throws stops the boot. */
  readonly listen: (run: () => Promise<void>) => Promise<void>
}

export function serveExtended({ base, service, listen }: Extending, options: ServeOptions): Serving {
  const { report, connectionLimit: limit } = options
  const extension: Extension = new Extension({ service, report, limit, settle: () => serving.settle?.() })
  const serving = base({ ...options, extension, admit: extension.admit })
  return {
    ...serving,
    load() {
      const { connections, ...load } = serving.load()
      return { ...load, connections: connections + extension.open }
    },
    async listen() {
      await listen(() => extension.listen())
      await serving.listen()
      serving.settle?.()
    },
    async drain(drain) {
      extension.beginDrain(drain.within)
      const cut = await serving.drain(drain)
      return [...cut, ...(await extension.endDrain())]
    },
  }
}
