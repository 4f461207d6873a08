// Runs in a worker: passes the app to the worker class, with the logs, hooks and limits that the settings
// have.

import type { App, ReportError } from '../../app/model/app.ts'
import type { HookRunner } from '../../config/hooks/runner.ts'
import type { Worker } from '../../config/hooks/views.ts'
import type { BootMessage } from '../../ipc/messages.ts'
import { compileAccessFormat } from '../../logging/access/compile.ts'
import { saying } from '../../logging/records/said.ts'
import type { Serving } from '../../serving/classes/worker-class.ts'
import type { ClientLimits, HttpOptions } from '../../serving/http/options.ts'
import type { Occupancy } from '../../serving/http/service.ts'
import type { Board } from '../../serving/connections/board.ts'
import { createAccessWriter, type WriteAccess } from '../../serving/records/access.ts'
import { createRequestHooks } from '../../serving/requests/hooks.ts'
import type { Probe } from '../../serving/requests/probe.ts'
import type { Output } from '../process/output.ts'
import type { ErrorResponses } from './error-responses.ts'
import { chooseClass } from './choose-class.ts'
import type { OwnClass } from './own-class.ts'
import { logRefusals } from './refusals.ts'
import { logNoUpgrades } from './no-upgrades.ts'
import { logRefusedProxies } from './refused-proxies.ts'
import { limitRequests } from './request-limit.ts'
import { turnsOf } from './turns.ts'

export type ServingOutput = Pick<Output, 'log' | 'requests' | 'writeAccess'>

export interface ServingParts {
  readonly message: BootMessage
  readonly output: ServingOutput
  readonly app: App
  readonly hooks: HookRunner
  readonly worker: Worker
  readonly report: ReportError
  readonly responses: ErrorResponses
  readonly probe: Probe | undefined
  readonly board: Board | undefined
  readonly tls: HttpOptions['tls']
  readonly http2: HttpOptions['http2']
  readonly clientLimit: HttpOptions['clientLimit']
  readonly scope: HttpOptions['scope']
  /** Absent with a class that tsgun has. */
  readonly ownClass?: OwnClass | undefined
}

export function createServing(parts: ServingParts): Serving {
  const {
    message,
    output,
    app,
    hooks,
    worker,
    report,
    responses,
    probe,
    board,
    tls,
    http2,
    clientLimit,
    scope,
    ownClass,
  } = parts
  const { settings, durations, listeners } = message
  const { isSync, serve } = chooseClass(settings, ownClass)
  return serve({
    app,
    listeners,
    backlog: settings.backlog,
    turns: turnsOf(message, (reason) =>
      output.log().debug(`connections are not spread evenly over the workers: ${reason}`),
    ),
    keepAlive: durations.keepalive,
    connectionLimit: connectionLimit(message).limit,
    clientLimit,
    scope,
    writeAccess: settings.accesslog === null ? undefined : accessWriter(parts),
    proxies: settings,
    onProxyRefused: logRefusedProxies(output),
    requestHooks: createRequestHooks(hooks, worker),
    clientLimits: clientLimits(message),
    requestLimit: limitRequests({ isSync, durations }, output, responses),
    onErrorResponse: responses.note,
    onNoUpgrade: isSync ? logNoUpgrades(output) : undefined,
    onRefusal: logRefusals({ level: settings.loglevel, output, responses }),
    probe,
    board,
    tls,
    http2,
    report,
    onFull: warnOfFull(output, connectionLimit(message)),
    onShortage: (reason) =>
      output
        .log()
        .error(saying('worker_short'), `this worker accepts no more connections for now: ${reason}`),
    onNoGate: (reason) => output.log().warn(`worker_connections cannot be enforced: ${reason}`),
  })
}

interface ConnectionLimit {
  readonly limit: number
  /** The setting that it comes from. */
  readonly from: string
}

/** The connections of the server are divided among its workers, those of a worker among its threads. */
function connectionLimit({ settings, nr, workers, thread }: BootMessage): ConnectionLimit {
  const { worker_connections: own, max_connections: all } = settings
  const { index, count } = thread ?? { index: 0, count: 1 }
  const most = shareOf(own, index, count)
  const share = shareOf(all, nr * count + index, workers * count)
  return all > 0 && share < most
    ? { limit: Math.max(1, share), from: 'its share of max_connections' }
    : { limit: Math.max(1, most), from: count > 1 ? 'its share of worker_connections' : 'worker_connections' }
}

/** Whole shares that add up to the total. */
function shareOf(total: number, index: number, count: number): number {
  return Math.floor(total / count) + (index < total % count ? 1 : 0)
}

function warnOfFull(
  { log }: ServingOutput,
  { limit, from }: ConnectionLimit,
): (occupancy: Occupancy) => void {
  return ({ connections, serving, upgraded, idle }) =>
    log().warn(
      saying('worker_full', { connections, serving, upgraded, idle }),
      `this worker accepts no more connections until some close: it has ${limit} (${from}), of ` +
        `them ${serving} with a request, ${upgraded} upgraded, ${idle} idle`,
    )
}

function clientLimits({ settings, durations }: BootMessage): ClientLimits {
  return {
    line: settings.limit_request_line,
    fields: settings.limit_request_fields,
    fieldSize: settings.limit_request_field_size,
    body: settings.limit_request_body,
    headTime: durations.header_timeout,
    bodySilence: durations.body_timeout,
  }
}

function accessWriter({ message, output, worker }: ServingParts): WriteAccess {
  const format = compileAccessFormat(message.settings.access_log_format, {
    pid: worker.pid,
    worker: message.nr,
    service: message.service?.name,
    environment: process.env,
    clientCertificates: message.settings.cert_reqs !== 'none',
  })
  return createAccessWriter({ format, requests: output.requests, write: output.writeAccess })
}
