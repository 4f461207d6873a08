// Runs in a worker: a server of the app as the worker serves it.

import type { Server } from 'node:net'
import type { AppServer } from '../model/app.ts'
import type { Failures } from '../requests/failures.ts'
import { listenersOf } from '../adapters/listeners.ts'
import type { ListeningServer } from './listen-calls.ts'

/** A server with an address of its own. */
export function appServer({ server, place }: ListeningServer, failures: Failures): AppServer {
  return { ...mainServer(server, failures), place: typeof place === 'number' ? place : undefined }
}

/** The server that gets all connections which no other one gets. */
export function mainServer(server: Server, failures: Failures): AppServer {
  return { server, respond: (event) => failures.guard(listenersOf(server, event, failures)) }
}
