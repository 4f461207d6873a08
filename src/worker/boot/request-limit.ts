// Runs in a worker: the setting `request_timeout`, and what the error log says of requests that took longer:
// a record for each, at most ten a second, then a count. When a database hangs all requests are late at once.

import { saying } from '../../logging/records/said.ts'
import type { RequestLimit } from '../../serving/requests/timeouts.ts'
import type { Durations } from '../../config/settings/durations.ts'
import type { Output } from '../process/output.ts'
import { Bursts } from './bursts.ts'
import type { ErrorResponses } from './error-responses.ts'

/** What a late request has exceeded, as its record says it. */
interface Words {
  readonly one: string
  readonly more: string
}

const ofRequestTimeout: Words = {
  one: 'a request took longer than request_timeout: ',
  more: 'more requests took longer than request_timeout',
}

const ofSync: Words = {
  one: 'a request took longer than timeout (worker class sync; "async" serves long polling): ',
  more: 'more requests took longer than timeout (worker class sync)',
}

export interface LimitSettings {
  /** Whether the worker class is `sync`, or based on it. */
  readonly isSync: boolean
  readonly durations: Pick<Durations, 'request_timeout' | 'timeout'>
}

/**
 * Returns undefined when requests have no time limit. A request that occupies a worker of the class `sync`
 * has one in any case, as in gunicorn.
 */
export function limitRequests(
  { isSync, durations }: LimitSettings,
  output: Pick<Output, 'log' | 'requests'>,
  responses: Pick<ErrorResponses, 'explain'>,
): RequestLimit | undefined {
  const { request_timeout, timeout } = durations
  const limitOf = (limit: number, words?: Words): RequestLimit | undefined =>
    limit === 0 ? undefined : { limit, onTimeout: logTimeouts(output, responses, words) }
  return isSync && request_timeout === 0 ? limitOf(timeout, ofSync) : limitOf(request_timeout)
}

/** Returns a function that logs requests which took too long. */
export function logTimeouts(
  { log, requests }: Pick<Output, 'log' | 'requests'>,
  { explain }: Pick<ErrorResponses, 'explain'>,
  words = ofRequestTimeout,
): RequestLimit['onTimeout'] {
  const bursts = new Bursts((more) =>
    log().warn(saying('requests_late', { count: more }), `${more} ${words.more}`),
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
      `${words.one}${responded ? 'it got a 503' : 'its connection was closed'}`,
    )
  }
}
