// Runs in a worker: the protocols that a client is offered in the handshake, best first. `curl --http1.0`
// asks for nothing but HTTP/1.0, and a client that finds none of its own refuses the connection. Pure.

import type { Settings } from '../../config/settings/table.ts'

const names = { h1: ['http/1.1', 'http/1.0'], h2: ['h2'] } as const

export function offeredProtocols(protocols: Settings['http_protocols']): string[] {
  return protocols.flatMap((protocol) => names[protocol])
}
