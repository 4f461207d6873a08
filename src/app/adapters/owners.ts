// Runs in a worker: the adapters for objects that are no request handlers themselves but own one: Polka and
// tinyhttp a function, Restify and http-server a server.

import type { Adapted } from '../model/adapted.ts'
import type { HandlerOwner, ServerOwner } from '../model/shapes.ts'
import type { Failures } from '../requests/failures.ts'
import { adaptServer } from './http-server.ts'

export function adaptHandlerOwner(app: HandlerOwner): Adapted {
  return { handle: (request, response) => app.handler(request, response) }
}

export function adaptServerOwner({ server }: ServerOwner, failures: Failures): Adapted {
  return adaptServer(server, failures)
}
