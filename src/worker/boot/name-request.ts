// Runs in a worker: a request as the sentence of a record names it, `GET /path`, and as its fields have it.

import type { IncomingMessage } from 'node:http'
import type { RequestLogs } from '../../logging/records/request-log.ts'
import { longestPath } from '../watchdog/requests.ts'

export interface RequestName {
  readonly name: string
  /** What the name does not say: the query, which may be a secret that log_redact hides, and the id. */
  readonly fields: { readonly path?: string; readonly request_id: string }
  readonly said: { readonly method: string; readonly path: string }
}

export function nameRequest(request: IncomingMessage, requests: Pick<RequestLogs, 'idOf'>): RequestName {
  const { method = '', url = '' } = request
  const [path = ''] = url.split('?', 1)
  const shown = path.length > longestPath ? `${path.slice(0, longestPath)}…` : path
  const hasMore = shown !== url
  return {
    name: `${method} ${shown}`,
    fields: { ...(hasMore ? { path: url } : {}), request_id: requests.idOf(request) },
    said: { method, path },
  }
}
