// Runs in a worker: its own records (error log), the app's records (app log) and the access lines, over the
// log pipe to the arbiter; what the app prints goes to standard output and error, and is never lost at an
// exit. The `log` that the app imports, and `req.log`, are linked to the app log here. pino is loaded with
// the first record: most workers never write one.

import { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { defineSignalOn } from '../../app/requests/signal.ts'
import type { BootMessage } from '../../ipc/messages.ts'
import type { LogName } from '../../logging/log-names.ts'
import { logLink } from '../../logging/records/log-link.ts'
import type { FrameSink } from '../../logging/pipe/frame-sink.ts'
import { LogPipe } from '../../logging/pipe/log-pipe.ts'
import type * as LoggerModule from '../../logging/records/logger.ts'
import { RequestIds } from '../../logging/records/request-id.ts'
import { RequestLogs } from '../../logging/records/request-log.ts'
import { ownFile } from '../../os/own-code.ts'
import { waitForWrites } from '../../os/process/blocking-output.ts'

export interface Output {
  /** The error log. */
  readonly log: () => LoggerModule.Logger
  /** `now`: on the clock of performance.now, if the caller knows it. */
  readonly writeAccess: (line: string, now?: number) => void
  /** The ids and loggers of requests. */
  readonly requests: RequestLogs
  /** Waits until all is written, with a time limit: for the end of the process. */
  readonly finish: () => void
}

/** The master, or the main thread, did not read these lines in time, and too many waited. */
export type OnDropped = (log: LogName, lines: number) => void

export interface OutputParts {
  /** Returns where the log lines of this process or thread go. */
  readonly openSink: (onDropped: OnDropped) => FrameSink
  readonly loadLogger: () => typeof LoggerModule
  /** Returns more fields of the app's records, by what the code runs for that logs. Default: none. */
  readonly fields?: (() => Readonly<Record<string, unknown>>) | undefined
  readonly onDropped: OnDropped
}

export function openOutput(
  { nr, thread, task, service, settings, color, preload }: BootMessage,
  { openSink, loadLogger, onDropped, fields }: OutputParts,
): Output {
  for (const stream of [process.stdout, process.stderr]) waitForWrites(stream)
  const pipe = new LogPipe(
    openSink((name, lines) => {
      onDropped(name, lines)
      log().warn({ log: name, lines }, 'log lines were dropped because the master did not read them in time')
    }),
  )
  const log = lazily(() => create('error'))
  const appLog = lazily(() => create('app'))
  function create(name: 'error' | 'app'): LoggerModule.Logger {
    return loadLogger().createLogger({
      level: settings.loglevel,
      format: settings.log_format,
      color: color[name],
      base: {
        pid: process.pid,
        ...(preload ? { process: 'preload' } : { nr }),
        ...(thread && { thread: thread.index }),
        ...(task && { task: task.name }),
        ...(service && { service: service.name }),
      },
      fields: name === 'app' ? fields : undefined,
      redact: settings.log_redact,
      write: (line) => pipe.write(name, line),
    })
  }
  return {
    log,
    writeAccess: (line, now) => pipe.write('access', line, now),
    requests: linkApp(appLog),
    finish: () => pipe.flushAndWait(),
  }
}

/** For the whole process: from here on the app's `log`, `req.id`, `req.log` and `req.signal` work. */
function linkApp(appLog: () => LoggerModule.Logger): RequestLogs {
  logLink.install({ logger: appLog })
  const requests = new RequestLogs(new RequestIds(), appLog)
  requests.defineOn(IncomingMessage.prototype)
  defineSignalOn(IncomingMessage.prototype)
  return requests
}

function lazily<Value>(make: () => Value): () => Value {
  let made: Value | undefined
  return () => (made ??= make())
}

/** Loads the logger module when it is needed: synchronously, because an uncaught exception cannot wait. */
export function requireLogger(): typeof LoggerModule {
  return createRequire(import.meta.url)(ownFile('logging/records/logger')) as typeof LoggerModule
}
