// Runs in a worker: a path that the server answers itself, with a text: what an authority of ACME asks for.

import type { RequestHandler } from '../../app/model/app.ts'

/** Handles a request instead of the app. */
export function respondWith(text: string): RequestHandler {
  const headers = { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(text) }
  return (_, response) => void response.writeHead(200, headers).end(text)
}
