// Runs in a worker: sends a Response of the fetch standard. srvx is imported at the first one.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { read } from '../model/shapes.ts'
import type { Failures } from '../requests/failures.ts'

export async function sendWebResponse(
  result: Response,
  request: IncomingMessage,
  response: ServerResponse,
  failures: Failures,
): Promise<void> {
  const { sendNodeResponse } = await import('srvx/node')
  await sendNodeResponse(response, result)
  // The body failed after the headers: srvx has closed the connection, and the error is on the response or on
  // the HTTP/2 stream.
  const error = response.errored ?? read(read(response, 'stream'), 'errored')
  if (error) failures.report(error, request, { status: response.statusCode, isCut: true })
}
