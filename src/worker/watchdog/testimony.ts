// Runs in the main thread of a worker, in the middle of what holds it up: what it knows for the report of its
// watchdog thread.

import { performance } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { RequestLogs } from '../../logging/records/request-log.ts'
import type { Serving } from '../../serving/classes/worker-class.ts'
import { describeRequest, mostRequests } from './requests.ts'
import type { Testimony } from './witness.ts'

export function testify(serving: Serving | undefined, requests: RequestLogs): Testimony {
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
