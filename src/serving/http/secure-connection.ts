// Runs in a worker: a connection with TLS, from the accepted socket to the server of the app.

import type { Socket } from 'node:net'
import { noteFacts } from '../tls/facts.ts'
import { plainStatus, refusePlain } from '../tls/plain-request.ts'
import type { Front, FrontParts } from './front.ts'
import type { HttpOptions } from './options.ts'

type Parts = Pick<FrontParts, 'connections' | 'writeAccess'> & Pick<HttpOptions, 'tls'>

export function secureConnection(
  socket: Socket,
  front: Pick<Front, 'serveSecure' | 'serveHttp2'> | undefined,
  { tls, connections, writeAccess }: Parts,
): void {
  tls?.accept(socket, {
    onSecure(secure) {
      connections.wrap(socket, secure)
      if (tls.logsFacts) noteFacts(secure)
      if (secure.alpnProtocol === 'h2') front?.serveHttp2(secure)
      else front?.serveSecure(secure)
    },
    onPlain() {
      writeAccess?.invalid(socket, plainStatus)
      refusePlain(socket)
    },
  })
}
