// Runs in a worker: gives a request its header fields, as Node's parser does for one of HTTP/1. The method is
// the same from Node 20 to 26 (lib/_http_incoming.js).

import type { IncomingMessage } from 'node:http'

/** `fields`: names and values in turn. `headers` and `rawHeaders` of the request are made of them. */
export function setFields(request: IncomingMessage, fields: readonly string[]): void {
  const add: unknown = Reflect.get(request, '_addHeaderLines')
  if (typeof add !== 'function') throw new Error('this Node.js has no way to set the fields of a request')
  Reflect.apply(add, request, [fields, fields.length])
}
