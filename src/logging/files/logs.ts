// The three logs: which destination each has, and how a reload changes it. Runs in the arbiter, the only
// process that opens log files. The words of this folder:
//
// - log: access, error or app (`LogName`).
// - destination: where the setting of a log sends its lines: a file, a standard stream, or none.
// - sink: buffers and writes the lines of one destination, and counts what is lost. Logs with the same
//   destination share a sink.
// - writer: appends bytes to the file or stream of a sink, and rotates the file.

import { logNames, type Dropped, type LogName } from '../log-names.ts'
import type { LogView } from '../log-view.ts'
import { fileProblem } from '../../os/file-problem.ts'
import { toError } from '../records/describe-error.ts'
import { destinationOf, keyOf, settingOf, type LogSettings, type WritableDestination } from './destination.ts'
import { isJournal, withPriorities } from './journal-priority.ts'
import { nullSink, type Sink } from './sink.ts'
import { TaskQueue } from './task-queue.ts'

/** Opens the sink of a destination. Rejects with the reason when it cannot be opened. */
export type OpenSink = (destination: WritableDestination) => Promise<Sink>

/** A destination that cannot be opened. */
export class LogOpenError extends Error {
  override readonly name = 'LogOpenError'
  readonly setting: string
  readonly path: string

  constructor(setting: string, path: string, cause: Error) {
    super(`cannot open ${path}: ${fileProblem(cause, path)}`, { cause })
    this.setting = setting
    this.path = path
  }
}

interface OpenLog {
  /** The same for logs that share a file or stream; empty for a log that is switched off. */
  readonly key: string
  /** As the start message shows it. */
  readonly name: string
  readonly sink: Sink
  /** Whether its lines get the priorities of the systemd journal. */
  readonly isJournal: boolean
}

type OpenLogs = Readonly<Record<LogName, OpenLog>>

export class Logs {
  readonly #openSink: OpenSink
  readonly #lostByWorkers: Record<LogName, number> = { access: 0, error: 0, app: 0 }
  #logs: OpenLogs
  /** Changes of destinations, one at a time. */
  readonly #changes = new TaskQueue()

  private constructor(openSink: OpenSink, logs: OpenLogs) {
    this.#openSink = openSink
    this.#logs = logs
  }

  /** Opens all three. Rejects with a LogOpenError, and leaves none open, if one cannot be opened. */
  static async open(settings: LogSettings, openSink: OpenSink): Promise<Logs> {
    const { logs } = await openLogs(settings, openSink, new Map())
    return new Logs(openSink, logs)
  }

  write(log: LogName, records: Buffer | string): void {
    const open = this.#logs[log]
    open.sink.write(open.isJournal ? withPriorities(records) : records)
  }

  /** Whether the destination is a terminal, so that lines may have colours. */
  isTerminal(log: LogName): boolean {
    return this.#logs[log].sink.isTerminal
  }

  /** The destination of each log, for the start message. */
  names(): Readonly<Record<LogName, string>> {
    const { access, error, app } = this.#logs
    return { access: access.name, error: error.name, app: app.name }
  }

  /** Lines dropped since the last call, one entry for each destination that dropped any. */
  takeDropped(): Dropped[] {
    return sinksOf(this.#logs)
      .map((sink) => ({ log: namesOf(this.#logs, sink), lines: sink.takeDropped() }))
      .filter(({ lines }) => lines > 0)
  }

  /** The counts of each log. Logs that share a destination have the same counts, except `dropped`. */
  views(): Readonly<Record<LogName, LogView>> {
    const view = (log: LogName): LogView => {
      const { name, sink } = this.#logs[log]
      return { name, ...sink.counts, dropped: sink.counts.dropped + this.#lostByWorkers[log] }
    }
    return { access: view('access'), error: view('error'), app: view('app') }
  }

  /** Counts lines that a worker dropped before they were sent to the arbiter. */
  countLost(log: LogName, lines: number): void {
    this.#lostByWorkers[log] += lines
  }

  /** Called regularly: see `Sink.tick`. */
  tick(): void {
    for (const sink of sinksOf(this.#logs)) sink.tick()
  }

  async reopen(): Promise<void> {
    await Promise.all(
      sinksOf(this.#logs).map((sink) =>
        sink.reopen().catch((error: unknown) => this.#cannotReopen(sink, error)),
      ),
    )
  }

  /** Rotates one log, or all. Tries all of them, then rejects with the first failure. */
  async rotate(log: LogName | 'all'): Promise<void> {
    const sinks = log === 'all' ? sinksOf(this.#logs) : [this.#logs[log].sink]
    const results = await Promise.allSettled(sinks.map((sink) => sink.rotate()))
    const failure = results.find((result) => result.status === 'rejected')
    if (failure) throw failure.reason
  }

  /**
   * Checks that `apply` could open all destinations, and creates missing files. Rejects with a LogOpenError
   * if one cannot be opened.
   */
  async check(settings: LogSettings): Promise<void> {
    const { fresh } = await openLogs(settings, this.#openSink, this.#open())
    await Promise.all(fresh.map((sink) => sink.close()))
  }

  /**
   * Applies the settings of a reload: opens new destinations, sends all later lines to them, and closes the
   * unused ones when their earlier lines are written. Rejects with a LogOpenError, and changes nothing, if a
   * destination cannot be opened. `onSwitch` is called between the last line to the old destinations and the
   * first line to the new ones. Resolves with the lines that the closed ones lost.
   */
  apply(settings: LogSettings, onSwitch: () => void): Promise<readonly Dropped[]> {
    return this.#changes.run(() => this.#apply(settings, onSwitch))
  }

  /** Closes the error log last: `onLost` may write to it what the other logs lost. */
  async close(onLost: (lost: Dropped) => void = () => undefined): Promise<void> {
    await this.#changes.idle()
    const others = sinksOf(this.#logs).filter((sink) => sink !== this.#logs.error.sink)
    for (const lost of await closeAll(this.#logs, others)) onLost(lost)
    await this.#logs.error.sink.close()
  }

  #cannotReopen(sink: Sink, cause: unknown): never {
    const log = logNames.find((each) => this.#logs[each].sink === sink)
    const name = log === undefined ? sink.name : this.#logs[log].name
    throw new Error(`${namesOf(this.#logs, sink)} log ${name}: ${fileProblem(cause, name)}`, { cause })
  }

  async #apply(settings: LogSettings, onSwitch: () => void): Promise<readonly Dropped[]> {
    const before = this.#logs
    const { logs } = await openLogs(settings, this.#openSink, this.#open())
    this.#logs = logs
    for (const log of logNames) {
      const destination = destinationOf(log, settings)
      if (destination.type !== 'none') logs[log].sink.configure(destination)
    }
    onSwitch()
    const inUse = sinksOf(logs)
    return closeAll(
      before,
      sinksOf(before).filter((sink) => !inUse.includes(sink)),
    )
  }

  /** The open sinks by their keys. */
  #open(): ReadonlyMap<string, Sink> {
    return new Map(Object.values(this.#logs).map(({ key, sink }) => [key, sink]))
  }
}

/** Each sink once, even if two logs share it. */
function sinksOf(logs: OpenLogs): readonly Sink[] {
  return [...new Set(Object.values(logs).map(({ sink }) => sink))]
}

/** The names of the logs that use a sink, for example `access and app`. */
function namesOf(logs: OpenLogs, sink: Sink): string {
  return logNames.filter((log) => logs[log].sink === sink).join(' and ')
}

/** Resolves with the lines that the closed sinks lost. */
async function closeAll(logs: OpenLogs, sinks: readonly Sink[]): Promise<readonly Dropped[]> {
  const closed = await Promise.all(
    sinks.map(async (sink) => ({ log: namesOf(logs, sink), lines: await sink.close() })),
  )
  return closed.filter(({ lines }) => lines > 0)
}

interface Opened {
  readonly logs: OpenLogs
  /** The sinks that were not open before. */
  readonly fresh: readonly Sink[]
}

/** Uses the sinks that are open already and opens the others. If one cannot be opened, none stays open. */
async function openLogs(
  settings: LogSettings,
  openSink: OpenSink,
  existing: ReadonlyMap<string, Sink>,
): Promise<Opened> {
  const fresh = new Map<string, Sink>()
  const open = async (log: LogName): Promise<OpenLog> => {
    const destination = destinationOf(log, settings)
    if (destination.type === 'none') return { key: '', name: nullSink.name, sink: nullSink, isJournal: false }
    const key = keyOf(destination)
    const sink = fresh.get(key) ?? existing.get(key) ?? (await openOrExplain(log, destination, openSink))
    if (!existing.has(key)) fresh.set(key, sink)
    if (destination.type === 'file') return { key, name: destination.path, sink, isJournal: false }
    const { name } = destination
    return { key, name, sink, isJournal: log !== 'access' && isJournal(name === 'stdout' ? 1 : 2) }
  }
  try {
    const logs = { access: await open('access'), error: await open('error'), app: await open('app') }
    return { logs, fresh: [...fresh.values()] }
  } catch (error) {
    await Promise.all([...fresh.values()].map((sink) => sink.close()))
    throw error
  }
}

async function openOrExplain(
  log: LogName,
  destination: WritableDestination,
  openSink: OpenSink,
): Promise<Sink> {
  try {
    return await openSink(destination)
  } catch (error) {
    const name = destination.type === 'file' ? destination.path : destination.name
    throw new LogOpenError(settingOf[log], name, toError(error))
  }
}
