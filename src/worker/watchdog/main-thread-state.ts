// Runs in the main thread of a worker, in the middle of what blocks it: what it knows for the report of its
// watchdog thread.

import { performance } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { RequestLogs } from '../../logging/records/request-log.ts'
import type { Serving } from '../../serving/classes/worker-class.ts'
import type { MainThreadState } from './main-thread-calls.ts'
import { describeRequest, mostRequests } from './requests.ts'

export function describeMainThread(
  serving: Pick<Serving, 'inFlight' | 'load'> | undefined,
  requests: Pick<RequestLogs, 'idOf'>,
): MainThreadState {
  const { used_heap_size: heapUsed, heap_size_limit: heapLimit } = getHeapStatistics()
  const now = performance.now()
  const shown = serving?.inFlight().slice(0, mostRequests) ?? []
  return {
    heapUsed,
    heapLimit,
    requests: shown.map(({ response: { req }, startedAt }) =>
      describeRequest({
        method: req.method ?? '',
        path: req.url ?? '',
        age: now - startedAt,
        id: requests.idOf(req),
      }),
    ),
    more: Math.max(0, (serving?.load().busy ?? 0) - shown.length),
  }
}
