// Runs in a worker: responses with a status of 5xx without an error that has reached the server. Many
// frameworks and error handlers respond to an error themselves; without this the error log would not have
// the request.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { saying } from '../../logging/records/said.ts'
import type { Output } from '../process/output.ts'
import { Bursts } from './bursts.ts'
import { nameRequest } from './name-request.ts'

export interface ErrorResponses {
  /** The request has a record of its own. */
  readonly explain: (request: IncomingMessage) => void
  /** Its response was sent. */
  readonly note: (response: ServerResponse) => void
}

export function logErrorResponses({ log, requests }: Pick<Output, 'log' | 'requests'>): ErrorResponses {
  const explained = new WeakSet<IncomingMessage>()
  const bursts = new Bursts((more) =>
    log().warn(saying('error_responses', { count: more }), `${more} more responses with a status of 5xx`),
  )
  return {
    explain: (request) => void explained.add(request),
    // Later, because the adapter of a framework reports the error when the response has closed.
    note: ({ req, statusCode: status }) =>
      void setImmediate(() => {
        if (explained.has(req) || !bursts.admit()) return
        const { name, fields, said } = nameRequest(req, requests)
        log().warn(
          { ...fields, ...saying('error_response', { ...said, status }) },
          `${name} → ${status}: sent by the app, and no error has reached the server`,
        )
      }),
  }
}
