// Runs in a worker: the adapter for Feathers, whose `listen()` sets up the services. Here they are set up
// with the server that the worker serves.

import { createServer } from 'node:http'
import type { Adapted } from '../model/adapted.ts'
import type { FeathersLike } from '../model/feathers.ts'
import { isExpress, read } from '../model/shapes.ts'
import type { Failures } from '../requests/failures.ts'
import { adaptServer } from './http-server.ts'
import { adaptKoa } from './koa.ts'

/** Sets up the services, unless the user has, and resolves to the server. */
export async function adaptFeathers(app: FeathersLike, failures: Failures): Promise<Adapted> {
  const server = createServer()
  server.on('request', isExpress(app) ? app : adaptKoa(app, failures).handle)
  const isSetUp = read(app, '_isSetup') === true
  if (!isSetUp) await app.setup(server)
  return { ...adaptServer(server, failures), close: () => app.teardown?.(server) }
}
