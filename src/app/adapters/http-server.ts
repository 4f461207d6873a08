// Runs in a worker: the adapter for a server of the user that never listens.

import type { Server } from 'node:http'
import type { Adapted } from '../model/adapted.ts'
import type { Failures } from '../requests/failures.ts'
import { listenersOf } from './listeners.ts'

export function adaptServer(server: Server, failures: Failures): Adapted {
  return { handle: listenersOf(server, 'request', failures), server, listen: (where) => server.listen(where) }
}
