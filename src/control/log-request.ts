// Runs in the arbiter: which records a client of the control socket asks for. Pure.

import { unknownName } from '../config/problems/unknown-name.ts'
import type { Batch } from '../logging/files/log-feed.ts'
import { logNames, type LogName } from '../logging/log-names.ts'
import { mainService } from '../logging/records/record.ts'
import { RequestError, wrongValue } from './request-error.ts'
import type { Values } from './request.ts'

export interface LogRequest {
  /** Undefined: all. */
  readonly log: LogName | undefined
  readonly service: string | undefined
  readonly worker: number | undefined
  /** Whether records to come are sent too. */
  readonly follow: boolean
}

/** `services`: those of the server, and its schedules. Throws a RequestError. */
export function readLogRequest(
  { log, service, worker, follow = false }: Values,
  services: readonly string[],
): LogRequest {
  const known = logNames.find((name) => name === log)
  if (log !== undefined && known === undefined) throw wrongValue('logs', 'log', log)
  if (service !== undefined && typeof service !== 'string') throw wrongValue('logs', 'service', service)
  if (service !== undefined && !services.includes(service))
    throw new RequestError(400, `logs: ${unknownName('service', service, services)}`)
  if (worker !== undefined && !(typeof worker === 'number' && Number.isInteger(worker) && worker >= 0))
    throw wrongValue('logs', 'worker', worker)
  if (typeof follow !== 'boolean') throw wrongValue('logs', 'follow', follow)
  return { log: known, service, worker, follow }
}

/** A worker without a service is one of the app. */
export function isAskedFor(
  batch: Omit<Batch, 'records'>,
  { log, worker, service = worker === undefined ? undefined : mainService }: LogRequest,
): boolean {
  return (
    (log === undefined || batch.log === log) &&
    (service === undefined || batch.service === service) &&
    (worker === undefined || batch.nr === worker)
  )
}
