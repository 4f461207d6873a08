// Runs in a worker: what Node knows of a response and its head and shows in no public property. The names are
// the same from Node 20 to 26; where one is missing, the head counts as sent.

import type { ServerResponse } from 'node:http'

/** Node keeps a head from writeHead() until the body begins, although `headersSent` is true by then. */
export function headWasSent(response: ServerResponse): boolean {
  return response.headersSent && Reflect.get(response, '_headerSent') !== false
}

/** Whether the head, as it was made, tells the client that the connection ends after this response. */
export function announcesClose(response: ServerResponse): boolean {
  return response.headersSent && Reflect.get(response, '_last') === true
}

/** The bytes of the head; 0 before it is made. */
export function headLength(response: ServerResponse): number {
  const head: unknown = Reflect.get(response, '_header')
  return typeof head === 'string' ? head.length : 0 // latin1
}

/** Whether the client waits for `100 Continue` before it sends the body. */
export function awaitsContinue(response: ServerResponse): boolean {
  return response.req.headers.expect !== undefined && Reflect.get(response, '_sent100') === false
}
