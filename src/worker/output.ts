// Runs in a worker: what it says itself (error log) and the access lines, over the log pipe to the arbiter; what the app prints goes to
// standard output and error, and is never lost at an exit. pino is loaded with the
// first record: most workers never write one.

import { createRequire } from 'node:module'
import { workerDescriptors } from '../ipc/environment.ts'
import type { BootMessage } from '../ipc/messages.ts'
import { LogPipe } from '../logging/log-pipe.ts'
import type * as LoggerModule from '../logging/logger.ts'
import { waitForWrites } from '../os/blocking-output.ts'

export interface Output {
  /** The error log. */
  readonly log: () => LoggerModule.Logger
  /** `now`: on the clock of performance.now, if the caller knows it. */
  readonly writeAccess: (line: string, now?: number) => void
  /** Waits, within a bound, until all is written: for the end of the process. */
  readonly finish: () => void
}

export function openOutput({ nr, settings, color }: BootMessage, loadLogger: () => typeof LoggerModule): Output {
  for (const stream of [process.stdout, process.stderr]) waitForWrites(stream)
  const pipe = new LogPipe(workerDescriptors.log, (dropped) => {
    log().warn({ ...dropped }, 'log lines were dropped because the master did not take them in time')
  })
  let logger: LoggerModule.Logger | undefined
  const log = (): LoggerModule.Logger =>
    (logger ??= loadLogger().createLogger({
      level: settings.loglevel,
      format: settings.log_format,
      color: color.error,
      base: { pid: process.pid, worker: nr },
      write(line, level) {
        pipe.write('error', line)
        if (level === 'error' || level === 'fatal') pipe.flush()
      },
    }))
  return { log, writeAccess: (line, now) => pipe.write('access', line, now), finish: () => pipe.flushAndWait() }
}

/** Loads the logger module at the moment it is needed, synchronously, because an uncaught exception cannot wait. */
export function requireLogger(): typeof LoggerModule {
  return createRequire(import.meta.url)('../logging/logger.js') as typeof LoggerModule // our own module, as built
}
