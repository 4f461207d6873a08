// Runs in a worker, only with `limit_request_body`: a body in chunks, whose size is not known before. Each
// chunk is counted when it arrives.

import { IncomingMessage } from 'node:http'

/** Calls `onTooLarge` once, when more than `limit` bytes of the body have arrived. */
export function limitBody(request: IncomingMessage, limit: number, onTooLarge: () => void): void {
  let left = limit
  request.push = (chunk: unknown, encoding) => {
    if (chunk instanceof Uint8Array) left -= chunk.length
    if (left >= 0) return IncomingMessage.prototype.push.call(request, chunk, encoding)
    onTooLarge() // gives it another `push`
    return true
  }
}

/** What the app gets from the body. */
export function tooLarge(): Error {
  return Object.assign(new Error('the body of the request is larger than limit_request_body'), {
    code: 'ERR_HTTP_BODY_TOO_LARGE',
    status: 413,
  })
}
