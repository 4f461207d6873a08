// Runs in a worker, once at boot: what an app has set on its own server that has no effect, because the
// worker accepts the connections. Pure.

import type { Server } from 'node:net'

/** Returns a sentence for each, with the setting of tsgun that has the effect. */
export function ineffectiveSettings(server: Server): readonly string[] {
  const { maxConnections } = server
  const set = typeof maxConnections === 'number' && Number.isFinite(maxConnections)
  return set
    ? [
        `server.maxConnections = ${maxConnections} of the app has no effect: set worker_connections in ` +
          'the config',
      ]
    : []
}
