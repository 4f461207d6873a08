// Runs in a worker: the setting `request_timeout`, and what the error log says of requests that took longer.
// It says it at most so many times a second, and then how often more: a database that hangs makes all
// requests late at once.

import type { RequestLimit } from '../../serving/requests/timeouts.ts'
import type { Output } from '../output.ts'

const mostRecords = 10
const period = 1000

/** Undefined when requests may take as long as they like. */
export function limitRequests(
  timeout: number,
  output: Pick<Output, 'log' | 'requests'>,
): RequestLimit | undefined {
  return timeout === 0 ? undefined : { limit: timeout * 1000, onTimeout: tellTimeouts(output) }
}

/** Starts to tell them. */
export function tellTimeouts({ log, requests }: Pick<Output, 'log' | 'requests'>): RequestLimit['onTimeout'] {
  let told = 0
  let untold = 0
  function endPeriod(): void {
    if (untold > 0) log().warn({ count: untold }, `${untold} more requests took longer than request_timeout`)
    told = 0
    untold = 0
  }
  return (request, { duration, answered }) => {
    if (told === mostRecords) return void (untold += 1)
    if (told === 0) setTimeout(endPeriod, period).unref()
    told += 1
    log().warn(
      {
        method: request.method,
        path: request.url,
        request_id: requests.idOf(request),
        duration_ms: Math.round(duration),
      },
      'a request took longer than request_timeout: ' +
        `${answered ? 'it got a 503' : 'its connection was closed'}`,
    )
  }
}
