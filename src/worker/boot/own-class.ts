// Runs in a worker, only with a worker class of the user: loads its module, and creates its service.

import { withBootError } from '../../app/boot-error.ts'
import type { Namespace } from '../../app/model/app-module.ts'
import { parseAppSetting } from '../../config/app/app-setting.ts'
import { AppBootError } from '../../config/app/errors.ts'
import type { BaseName } from '../../config/app/worker-class-setting.ts'
import type { BootMessage } from '../../ipc/messages.ts'
import { log } from '../../logging/records/app-log.ts'
import type { WorkerClassContext, WorkerService } from '../../serving/classes/definition.ts'
import { serveExtended } from '../../serving/classes/extended.ts'
import type { Serving, WorkerClass } from '../../serving/classes/worker-class.ts'
import { checkedService, definitionIn } from './check-class.ts'

/** A worker class of the user, created for this worker. */
export interface OwnClass {
  readonly base: BaseName
  readonly service: WorkerService
  /** `base`: the class of that name. */
  readonly extend: (base: WorkerClass) => WorkerClass
}

/** What it needs of the boot. */
export interface ClassContext {
  readonly message: BootMessage
  readonly loader: { readonly load: (file: string) => Promise<Namespace> }
  readonly watch: { readonly enter: (step: string) => void }
}

const noLoad = { connections: 0, busy: 0, requests: 0, overdue: 0 }

/** Rejects with an AppBootError. */
export async function createOwnClass(
  { message, loader, watch }: ClassContext,
  file: string,
): Promise<OwnClass> {
  const where = `the worker class ${file}`
  watch.enter(`it is still loading ${where}`)
  const namespace = await withBootError(`cannot load ${where}`, () => loader.load(file), file)
  const definition = definitionIn(namespace, {
    where,
    wanted: parseAppSetting(message.settings.worker_class),
  })
  const base = definition.base ?? 'async'
  checkProtocols(base, message, where)
  const worker: { serving?: Serving } = {}
  watch.enter(`it is still in create() of ${where}`)
  const created = await withBootError(`create() of ${where} failed`, async () =>
    definition.create(contextOf(message, worker)),
  )
  const service = checkedService(created, where)
  const listen = async (run: () => Promise<void>): Promise<void> => {
    watch.enter(`it is still in listen() of ${where}`)
    await withBootError(`listen() of ${where} failed`, run)
    watch.enter('it is opening its sockets')
  }
  return {
    base,
    service,
    extend: (base) => (options) => (worker.serving = serveExtended({ base, service, listen }, options)),
  }
}

function contextOf(
  { nr, generation, listeners, settings }: BootMessage,
  worker: { readonly serving?: Serving },
): WorkerClassContext {
  return {
    nr,
    generation,
    settings,
    log,
    addresses: listeners.map(({ url }) => url),
    load: () => worker.serving?.load() ?? noLoad,
    reconsider: () => worker.serving?.settle?.(),
  }
}

/** HTTP/2 with the setting `worker_class: "sync"` is refused when the config is checked. */
function checkProtocols(base: BaseName, { settings }: BootMessage, where: string): void {
  if (base !== 'sync' || !settings.http_protocols.includes('h2')) return
  throw new AppBootError(
    `${where} has the base "sync", which serves no HTTP/2: set http_protocols to ["h1"], or use the base ` +
      '"async"',
  )
}
