// Runs in a worker: the setting `request_timeout`, and what the error log says of requests that took longer:
// a record for each, at most ten a second, then a count. When a database hangs all requests are late at once.

import { saying } from '../../logging/records/said.ts'
import type { RequestLimit } from '../../serving/requests/timeouts.ts'
import type { Output } from '../process/output.ts'
import { Bursts } from './bursts.ts'
import type { ErrorResponses } from './error-responses.ts'

/** Returns undefined when requests have no time limit. `timeout`: milliseconds; 0 means no limit. */
export function limitRequests(
  timeout: number,
  output: Pick<Output, 'log' | 'requests'>,
  responses: Pick<ErrorResponses, 'explain'>,
): RequestLimit | undefined {
  return timeout === 0 ? undefined : { limit: timeout, onTimeout: logTimeouts(output, responses) }
}

/** Returns a function that logs requests which took too long. */
export function logTimeouts(
  { log, requests }: Pick<Output, 'log' | 'requests'>,
  { explain }: Pick<ErrorResponses, 'explain'>,
): RequestLimit['onTimeout'] {
  const bursts = new Bursts((more) =>
    log().warn(
      saying('requests_late', { count: more }),
      `${more} more requests took longer than request_timeout`,
    ),
  )
  return (request, { duration, responded }) => {
    explain(request)
    if (!bursts.admit()) return
    log().warn(
      {
        method: request.method,
        path: request.url,
        request_id: requests.idOf(request),
        duration_ms: Math.round(duration),
        ...saying('request_late'),
      },
      'a request took longer than request_timeout: ' +
        `${responded ? 'it got a 503' : 'its connection was closed'}`,
    )
  }
}
