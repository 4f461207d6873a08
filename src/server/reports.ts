// Runs in the arbiter: everything that listens to the events of the core: the error log, the history,
// systemd, and the processes that wait for the start.

import type { EventBus } from '../arbiter/report/bus.ts'
import { ErrorLog } from '../arbiter/report/error-log.ts'
import { History } from '../arbiter/report/history.ts'
import { watchLogs } from '../arbiter/report/log-events.ts'
import { Narration } from '../arbiter/report/narration.ts'
import { noLocks, type FileLocks } from '../logging/rotation/file-locks.ts'
import { LogFeed } from '../logging/files/log-feed.ts'
import { Logs } from '../logging/files/logs.ts'
import { sinkOpener } from '../logging/files/open-sink.ts'
import { systemClock } from '../os/system/clock.ts'
import { lockFile } from '../os/system/file-lock.ts'
import type { NativeCalls } from '../os/system/native.ts'
import type { Notifier } from '../systemd/notifier.ts'
import { openNotifier } from '../systemd/open.ts'
import type { Host } from './host.ts'
import type { Prepared } from './prepare.ts'
import { ServingNote } from './serving-note.ts'
import { StartFailure } from './start-failure.ts'

export interface Reports {
  readonly logs: Logs
  /** Has records in a server with a control socket. */
  readonly feed: LogFeed
  readonly errorLog: ErrorLog
  readonly narration: Narration
  readonly history: History
  /** Absent when the server was not started by systemd. */
  readonly notifier: Notifier | undefined
  /** Resolves when all lines of all logs are written, or cannot be. */
  close(): Promise<void>
}

export interface ReportOptions {
  readonly prepared: Pick<Prepared, 'first' | 'bus'>
  /** The system calls that Node lacks, or why they are missing. */
  readonly native: NativeCalls | Error
  readonly host: Host
}

/** Rejects with a LogOpenError. */
export async function openReports(options: ReportOptions): Promise<Reports> {
  const { native, host } = options
  const isSecond = host.startup.predecessor !== undefined
  const { first, bus } = options.prepared
  const { settings, identity } = first.config
  const locks = fileLocks(native)
  const feed = new LogFeed()
  const openSink = sinkOpener({ watch: watchLogs(bus.emit), locks, gid: identity.gid })
  const logs = await Logs.open(settings, openSink, settings.control_socket === null ? undefined : feed)
  const errorLog = new ErrorLog(logs, settings, { emit: bus.emit, ownsProcess: host.capturesConsole })
  const narration = new Narration(bus, systemClock, host.startedAt)
  narration.subscribe((sentence) => errorLog.write(sentence))
  reportStart({ bus, logs, host, saysThatItServes: !isSecond && !settings.daemon })
  const history = new History()
  bus.subscribe((event) => history.apply(event, new Date()))
  const warn = (message: string): void => bus.emit({ type: 'warning', message })
  const { supervisor: environment } = host
  const notifier = environment && (await openNotifier({ environment, native, isSecond, warn }))
  if (notifier) bus.subscribe((event) => notifier.apply(event))
  return {
    logs,
    feed,
    errorLog,
    narration,
    history,
    notifier,
    async close() {
      notifier?.close()
      await errorLog.close()
    },
  }
}

interface StartReports {
  readonly bus: EventBus
  readonly logs: Logs
  readonly host: Pick<Host, 'successor' | 'print'>
  /** A person, or a service manager, sees its standard error. */
  readonly saysThatItServes: boolean
}

/** To the terminal, unless the error log is there already, and to the old arbiter of an upgrade. */
function reportStart({ bus, logs, host: { successor, print }, saysThatItServes }: StartReports): void {
  bus.subscribe((event) => {
    if (event.type === 'start_failed') successor.failed(event.reason)
  })
  if (print === undefined) return
  const startFailure = new StartFailure(print)
  const errorLog = logs.names().error
  if (errorLog !== 'stderr') bus.subscribe((event) => startFailure.apply(event))
  const note = new ServingNote(print, errorLog)
  if (saysThatItServes && !['stderr', 'stdout', 'none'].includes(errorLog))
    bus.subscribe((event) => note.apply(event))
}

function fileLocks(native: NativeCalls | Error): FileLocks {
  return native instanceof Error ? noLocks : { lock: (fd, kind) => lockFile(native, fd, kind) }
}
