// Runs in a worker: a client that speaks plain HTTP to an address with TLS, usually because of `http://` in a
// link. nginx responds with 400 too.

import type { Socket } from 'node:net'
import { endWith } from '../connections/end-gently.ts'
import { plainResponse } from '../syntax/plain-response.ts'

export const plainStatus = 400

const response = plainResponse({
  status: plainStatus,
  reasonPhrase: 'Bad Request',
  text: 'this port speaks HTTPS, and the request was sent without TLS: use https://\n',
})

/** Responds, and reads what the client still sends until it has read the response. */
export const refusePlain = (socket: Socket): void => endWith(socket, response)
