// Runs in a worker, only with `h2` in `http_protocols`: which of the protocols a connection in clear text
// speaks. Only its first bytes say so.

import type { Socket } from 'node:net'
import { awaitFirstBytes } from '../accept/first-bytes.ts'
import { beginsWithPreface } from '../http2/preface.ts'
import { timeoutError } from '../requests/slow-clients.ts'
import type { Front } from './front.ts'

/** `patience`: milliseconds for the first bytes; 0 means no limit. */
export function chooseProtocol(
  socket: Socket,
  front: Pick<Front, 'serve' | 'serveHttp2' | 'refuse'>,
  patience: number,
): void {
  awaitFirstBytes(socket, { patience, decide: beginsWithPreface }, (outcome) => {
    if (outcome.kind === 'timeout') front.refuse(socket, timeoutError())
    else if (outcome.kind === 'ended') front.refuse(socket, cutShort())
    else if (outcome.value) front.serveHttp2(socket)
    else front.serve(socket)
  })
}

/** What Node's parser says of a head that breaks off. */
function cutShort(): Error {
  return Object.assign(new Error('the connection preface of HTTP/2 breaks off'), {
    code: 'HPE_INVALID_EOF_STATE',
  })
}
