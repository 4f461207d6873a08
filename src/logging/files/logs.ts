// The three logs, and those of services: which destination each has, and how a reload changes it. Runs in
// the arbiter, the only process that opens log files. The words of this folder:
//
// - log: access, error or app (`LogName`).
// - destination: where the setting of a log sends its lines: a file, a standard stream, or none.
// - sink: buffers and writes the lines of one destination, and counts what is lost. Logs with the same
//   destination share a sink.
// - writer: appends bytes to the file or stream of a sink, and rotates the file.

import { setTimeout as delay } from 'node:timers/promises'
import type { Dropped, LogName } from '../log-names.ts'
import type { LogView } from '../log-view.ts'
import { fileProblem } from '../../os/file-problem.ts'
import type { LogSettings } from './destination.ts'
import { withPriorities } from './journal-priority.ts'
import type { LogFeed, RecordSource } from './log-feed.ts'
import { openLogs, type OpenLog, type OpenLogs, type OpenSink } from './open-logs.ts'
import type { Sink } from './sink.ts'
import { TaskQueue } from './task-queue.ts'

export { LogOpenError, type OpenSink } from './open-logs.ts'

/** Milliseconds that a rotation on demand waits for another server, and between two tries. */
const [longestBusy, busyPause] = [5000, 50]

/** The arbiter, about no process. */
const server: RecordSource = {}

export class Logs {
  readonly #openSink: OpenSink
  /** Absent in a server without a control socket. */
  readonly #feed: LogFeed | undefined
  /** Lines that workers dropped, by the name of the log. */
  readonly #lostByWorkers = new Map<string, number>()
  #logs: OpenLogs
  /** Changes of destinations, one at a time. */
  readonly #changes = new TaskQueue()

  private constructor(openSink: OpenSink, logs: OpenLogs, feed: LogFeed | undefined) {
    this.#openSink = openSink
    this.#logs = logs
    this.#feed = feed
  }

  /** Opens all. Rejects with a LogOpenError, and leaves none open, if one cannot be opened. */
  static async open(settings: LogSettings, openSink: OpenSink, feed?: LogFeed): Promise<Logs> {
    const { logs } = await openLogs(settings, openSink, new Map())
    return new Logs(openSink, logs, feed)
  }

  /** `source`: the process that has written them; its service or schedule may have logs of its own. */
  write(log: LogName, records: Buffer | string, source = server): void {
    this.#write(this.#logs.of(log, source.service), records, source)
  }

  /** A record of the arbiter, for the logs of the server. `about`: the process that it is about. */
  writeOwn(log: LogName, records: string, about = server): void {
    this.#write(this.#logs.of(log), records, about)
  }

  #write({ log, sink, isJournal }: OpenLog, records: Buffer | string, source: RecordSource): void {
    sink.write(isJournal ? withPriorities(records) : records)
    this.#feed?.push(log, records, source)
  }

  /** Whether the destination is a terminal, so that lines may have colours. */
  isTerminal(log: LogName, owner?: string): boolean {
    return this.#logs.of(log, owner).sink.isTerminal
  }

  /** The destination of each log of the server, for the start message. */
  names(): Readonly<Record<LogName, string>> {
    const name = (log: LogName): string => this.#logs.of(log).name
    return { access: name('access'), error: name('error'), app: name('app') }
  }

  /** Lines dropped since the last call, one entry for each destination that dropped any. */
  takeDropped(): Dropped[] {
    return this.#logs.sinks
      .map((sink) => ({ log: this.#logs.namesOf(sink), lines: sink.takeDropped() }))
      .filter(({ lines }) => lines > 0)
  }

  /** The counts of each log. Logs that share a destination have the same counts, except `dropped`. */
  views(): Readonly<Record<LogName, LogView>> {
    const view = (log: LogName): LogView => this.#view(this.#logs.of(log))
    return { access: view('access'), error: view('error'), app: view('app') }
  }

  /** The same for the logs that services and schedules have of their own: `feed/app`. */
  ownViews(): Readonly<Record<string, LogView>> {
    const own = this.#logs.all.filter(({ owner }) => owner !== undefined)
    return Object.fromEntries(own.map((open) => [nameOf(open), this.#view(open)]))
  }

  /** Counts lines that a worker dropped before they were sent to the arbiter. */
  countLost(log: LogName, lines: number, owner?: string): void {
    const key = nameOf(this.#logs.of(log, owner))
    this.#lostByWorkers.set(key, (this.#lostByWorkers.get(key) ?? 0) + lines)
  }

  /** Called regularly: see `Sink.tick`. */
  tick(): void {
    for (const sink of this.#logs.sinks) sink.tick()
  }

  async reopen(): Promise<void> {
    await Promise.all(
      this.#logs.sinks.map((sink) =>
        sink.reopen().catch((error: unknown) => this.#cannotReopen(sink, error)),
      ),
    )
  }

  /**
   * Rotates the logs of one name, those of services too, or all. Tries all of them, then rejects with the
   * first failure.
   */
  async rotate(log: LogName | 'all'): Promise<void> {
    const chosen = this.#logs.all.filter((open) => log === 'all' || open.log === log)
    const failures: unknown[] = []
    // one after another: two files of one directory cannot be rotated at once
    for (const sink of new Set(chosen.map((open) => open.sink)))
      await rotateSoon(sink).catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }

  /**
   * Checks that `apply` could open all destinations, and creates missing files. Rejects with a LogOpenError
   * if one cannot be opened.
   */
  async check(settings: LogSettings): Promise<void> {
    const { fresh } = await openLogs(settings, this.#openSink, this.#logs.byKey)
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
    const { sink: last } = this.#logs.of('error')
    const others = this.#logs.sinks.filter((sink) => sink !== last)
    for (const lost of await closeAll(this.#logs, others)) onLost(lost)
    await last.close()
    this.#feed?.close()
  }

  #view(open: OpenLog): LogView {
    const { name, sink } = open
    const lost = this.#lostByWorkers.get(nameOf(open)) ?? 0
    return { name, ...sink.counts, dropped: sink.counts.dropped + lost }
  }

  #cannotReopen(sink: Sink, cause: unknown): never {
    const { name } = this.#logs.all.find((open) => open.sink === sink) ?? sink
    throw new Error(`${this.#logs.namesOf(sink)} log ${name}: ${fileProblem(cause, name)}`, { cause })
  }

  async #apply(settings: LogSettings, onSwitch: () => void): Promise<readonly Dropped[]> {
    const before = this.#logs
    const { logs } = await openLogs(settings, this.#openSink, before.byKey)
    this.#logs = logs
    for (const { sink, destination } of logs.all) if (destination.type !== 'none') sink.configure(destination)
    onSwitch()
    const inUse = logs.sinks
    return closeAll(
      before,
      before.sinks.filter((sink) => !inUse.includes(sink)),
    )
  }
}

function nameOf({ owner, log }: OpenLog): string {
  return owner === undefined ? log : `${owner}/${log}`
}

/** Another server may be rotating a file in the same directory. */
async function rotateSoon(sink: Sink): Promise<void> {
  const giveUpAt = performance.now() + longestBusy
  while ((await sink.rotate()) === 'busy') {
    if (performance.now() >= giveUpAt)
      throw new Error(`another server holds the lock of the directory of ${sink.name}`)
    await delay(busyPause)
  }
}

/** Resolves with the lines that the closed sinks lost. */
async function closeAll(logs: OpenLogs, sinks: readonly Sink[]): Promise<readonly Dropped[]> {
  const closed = await Promise.all(
    sinks.map(async (sink) => ({ log: logs.namesOf(sink), lines: await sink.close() })),
  )
  return closed.filter(({ lines }) => lines > 0)
}
