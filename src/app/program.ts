// Runs in a worker, once at boot: a module that listens by itself, as a program of `node` does. It is served
// by the servers with which it listens.

import type { Server } from 'node:net'
import { adapt } from './adapt.ts'
import { findExport } from './choose-export.ts'
import type { AppModule } from './model/app-module.ts'
import { isServerOf, type Listening } from './listening/app-listening.ts'
import { appServer, mainServer } from './listening/app-server.ts'
import { listensOn, type ListeningServer } from './listening/listen-calls.ts'
import type { Adapted } from './model/adapted.ts'
import type { App, ServerHandlers } from './model/app.ts'
import type { Failures } from './requests/failures.ts'
import { listenersOf } from './adapters/listeners.ts'

export interface ProgramModule extends AppModule {
  readonly failures: Failures
  readonly listening: Listening
  /** Called with a sentence for the log. */
  readonly note: (text: string) => void
  /** Called once when the program does not listen for a while. */
  readonly onSlow: () => void
}

export type Program = Pick<App, 'kind' | 'handle' | 'servers' | 'follow'> & Pick<Adapted, 'close'>

/** Resolves to undefined when what the module exports is to be served. */
export async function findProgram(module: ProgramModule): Promise<Program | undefined> {
  const { namespace, listening, onSlow } = module
  const exported = findExport(namespace)
  if (exported === undefined)
    return (await listening.wait(onSlow)) ? programApp(undefined, module) : undefined
  return isProgram(exported.value, listening.servers) ? programApp(exported.value, module) : undefined
}

/**
 * Whether a module that exports an app is served as the program that it is under `node`: it listens with a
 * server of this app, or at the first address of `bind`, where the worker would serve the export.
 */
function isProgram(exported: unknown, servers: readonly ListeningServer[]): boolean {
  return servers.some(
    ({ server, place }) => (place === 0 && servesRequests(server)) || isServerOf(server, exported),
  )
}

/** Of HTTP/1 or HTTP/2. */
function servesRequests(server: Server): boolean {
  return server.listenerCount('request') > 0 || server.listenerCount('stream') > 0
}

async function programApp(exported: unknown, module: ProgramModule): Promise<Program | undefined> {
  const { failures, listening } = module
  const [main, ...others] = listening.servers.filter(({ place }) => place !== 'none')
  if (main === undefined) return undefined // closed again at this moment
  const own = listening.servers.some(({ server }) => isServerOf(server, exported))
  // For the errors and the end of its framework.
  const adapted = own ? await adapt(exported, failures, module) : undefined
  explain(main, exported, module)
  return {
    kind: 'program',
    handle: failures.guard(listenersOf(main.server, 'request', failures)),
    servers: [mainServer(main.server, failures), ...others.map((each) => appServer(each, failures))],
    follow: (handlers) => follow(handlers, module),
    ...(adapted?.close ? { close: adapted.close } : {}),
  }
}

function follow({ add, closed }: ServerHandlers, { listening, failures }: ProgramModule): void {
  listening.follow({
    onListen: (each) => typeof each.place === 'number' && add(appServer(each, failures)),
    onClose: () => listening.servers.length === 0 && closed(),
  })
}

/** What is not as the program reads. */
function explain(main: ListeningServer, exported: unknown, { listening, note }: ProgramModule): void {
  const what = listensOn(main)
  if (main.place === 'first' && listening.urls.length > 0)
    note(`${what}: it is served at ${listening.urls.join(', ')} instead, as bind says`)
  if (exported !== undefined)
    note(`${what}, and the module exports an app: the server that listens is served`)
}
