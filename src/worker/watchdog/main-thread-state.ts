// Runs in the main thread of a worker, in the middle of what blocks it: what it knows for the report of its
// watchdog thread.

import { getHeapStatistics } from 'node:v8'
import type { InFlight } from './in-flight.ts'
import type { MainThreadState } from './main-thread-calls.ts'

export function describeMainThread(inFlight: Pick<InFlight, 'describe'>): MainThreadState {
  const { used_heap_size: heapUsed, heap_size_limit: heapLimit } = getHeapStatistics()
  return { heapUsed, heapLimit, ...inFlight.describe() }
}
