// Runs in a worker: a client that sends `Expect: 100-continue` waits before it sends a body. Node lets it go
// on at once. Here it may go on when the app begins to read: a response that comes before, such as a 401 or a
// 413, spares the client the upload (RFC 9110, 10.1.1).

import type { IncomingMessage, ServerResponse } from 'node:http'

/** Sends `100 Continue` at the first read of the body, unless the response has begun by then. */
export function continueOnRead(request: IncomingMessage, response: ServerResponse): void {
  const { _read: read } = request
  // How a stream learns that something reads it.
  request._read = (size) => {
    request._read = read
    if (!response.headersSent && !response.destroyed) response.writeContinue()
    request._read(size)
  }
}
