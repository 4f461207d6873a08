// Runs in a worker: the server of an app that is only a request handler. `ws` and `socket.io` attach to it as
// to any other: `worker.server` in post_worker_init.

import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RequestHandler, UpgradeHandler } from '../../app/model/app.ts'

/** The handlers are listeners like any others, because a library may put them into its own. */
export function createOwnServer(handle: RequestHandler, upgrade: UpgradeHandler | undefined): Server {
  const server = createServer(handle)
  if (upgrade) addUpgrade(server, upgrade)
  return server
}

export function addUpgrade(server: Server, upgrade: UpgradeHandler): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    upgrade(request, socket, head),
  )
}
