// Runs in a worker, only with `untrusted_forwarded_headers: "remove"`: hides the headers in which a proxy
// names a client when somebody else has sent them.

import type { IncomingMessage } from 'node:http'
import type { Forwarding } from './forwarding.ts'

/** Besides those that begin with `x-forwarded-`. */
const others = ['forwarded', 'x-real-ip', 'x-request-start']

export function createRemover(secureSchemeHeaders: Readonly<Record<string, string>>): Forwarding {
  const names = new Set([...others, ...Object.keys(secureSchemeHeaders).map((name) => name.toLowerCase())])
  const isHidden = (name: string): boolean => name.startsWith('x-forwarded-') || names.has(name)
  return {
    admit(request) {
      if (request.rawHeaders.some((name, at) => at % 2 === 0 && isHidden(name.toLowerCase())))
        remove(request, isHidden)
      return undefined
    },
  }
}

function remove(request: IncomingMessage, isHidden: (name: string) => boolean): void {
  // Node makes both from rawHeaders when they are first read, and would count on its length.
  const { headers, headersDistinct, rawHeaders } = request
  for (const name of Object.keys(headersDistinct)) {
    if (!isHidden(name)) continue
    Reflect.deleteProperty(headers, name)
    Reflect.deleteProperty(headersDistinct, name)
  }
  request.rawHeaders = rawHeaders.filter((_, at) => !isHidden(rawHeaders[at - (at % 2)]?.toLowerCase() ?? ''))
}
