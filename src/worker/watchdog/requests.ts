// Runs in both threads of a worker: a request or a task in flight as the report of a stuck worker shows it.

import { machineNow } from '../../os/system/clock.ts'
import type { RunningTask } from '../../serving/classes/worker-class.ts'

/** Further requests are only counted. */
export const mostRequests = 20
export const longestPath = 300

export function describeTask({ name, id, startedAt }: RunningTask): string {
  return describeRequest({ method: 'task', path: name, age: machineNow() - startedAt, id })
}

export interface RequestInFlight {
  readonly method: string
  readonly path: string
  /** Milliseconds. */
  readonly age: number
  /** Known only in the main thread. */
  readonly id?: string
}

export function describeRequest({ method, path, age, id }: RequestInFlight): string {
  const shown = path.length > longestPath ? `${path.slice(0, longestPath)}…` : path
  return `${method} ${shown} age_ms=${Math.round(age)}${id === undefined ? '' : ` request_id=${id}`}`
}
