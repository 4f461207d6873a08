// Runs in the arbiter, the only process that opens a log: the three logs as the settings name them, and as
// they change with a reload.

import { channels, type Channel, type Dropped } from '../channels.ts'
import { toError } from '../records/describe-error.ts'
import { isJournal, withPriorities } from './journal.ts'
import { Lane } from './lane.ts'
import { keyOf, placeOf, settingOf, type LogSettings, type UsedPlace } from './places.ts'
import { nullSink, type Sink, type SinkCounts } from './sink.ts'

/** The counts of a log under its name. */
export interface LogCounts extends SinkCounts {
  readonly name: string
}

/** Opens the sink of a place. Rejects with the reason why it cannot be opened. */
export type OpenSink = (place: UsedPlace) => Promise<Sink>

/** A log that could not be opened. */
export class LogOpenError extends Error {
  override readonly name = 'LogOpenError'
  readonly setting: string
  readonly path: string

  constructor(setting: string, path: string, cause: Error) {
    super(`cannot open ${path}: ${cause.message}`, { cause })
    this.setting = setting
    this.path = path
  }
}

interface OpenLog {
  /** The same for logs that share a file or stream; empty for a log that is switched off. */
  readonly key: string
  /** As the start-up message names it. */
  readonly name: string
  readonly sink: Sink
  /** Its lines get priorities. */
  readonly isJournal: boolean
}

type OpenLogs = Readonly<Record<Channel, OpenLog>>

export class LogFiles {
  readonly #openSink: OpenSink
  readonly #lostByWorkers: Record<Channel, number> = { access: 0, error: 0, app: 0 }
  #logs: OpenLogs
  /** Changes of destinations, one at a time. */
  readonly #lane = new Lane()

  private constructor(openSink: OpenSink, logs: OpenLogs) {
    this.#openSink = openSink
    this.#logs = logs
  }

  /** Opens all three. Rejects with a LogOpenError, and leaves none open, if one cannot be opened. */
  static async open(settings: LogSettings, openSink: OpenSink): Promise<LogFiles> {
    const { logs } = await openLogs(settings, openSink, new Map())
    return new LogFiles(openSink, logs)
  }

  write(channel: Channel, records: Buffer | string): void {
    const log = this.#logs[channel]
    log.sink.write(log.isJournal ? withPriorities(records) : records)
  }

  /** Whether the log is read at a terminal, and so may be in colour. */
  isTerminal(channel: Channel): boolean {
    return this.#logs[channel].sink.isTerminal
  }

  /** The place of each log, for the start-up message. */
  names(): Readonly<Record<Channel, string>> {
    const { access, error, app } = this.#logs
    return { access: access.name, error: error.name, app: app.name }
  }

  /** Once for each file: two logs that share one are named together. */
  takeDropped(): Dropped[] {
    return sinksOf(this.#logs)
      .map((sink) => ({ log: logsOf(this.#logs, sink), lines: sink.takeDropped() }))
      .filter(({ lines }) => lines > 0)
  }

  /** What has become of each log; two that share a file have the same counts. */
  views(): Readonly<Record<Channel, LogCounts>> {
    const view = (channel: Channel): LogCounts => {
      const { name, sink } = this.#logs[channel]
      return { name, ...sink.counts, dropped: sink.counts.dropped + this.#lostByWorkers[channel] }
    }
    return { access: view('access'), error: view('error'), app: view('app') }
  }

  /** Lines that did not get as far as here: a worker had to drop them, and has told so. */
  countLost(channel: Channel, lines: number): void {
    this.#lostByWorkers[channel] += lines
  }

  /** Now and then: what is due by time, or late. */
  tick(): void {
    for (const sink of sinksOf(this.#logs)) sink.tick()
  }

  async reopen(): Promise<void> {
    await Promise.all(sinksOf(this.#logs).map((sink) => sink.reopen()))
  }

  /** Rotates one log, or all. Rejects with the first failure when all were tried. */
  async rotate(channel: Channel | 'all'): Promise<void> {
    const sinks = channel === 'all' ? sinksOf(this.#logs) : [this.#logs[channel].sink]
    const results = await Promise.allSettled(sinks.map((sink) => sink.rotate()))
    const failure = results.find((result) => result.status === 'rejected')
    if (failure) throw failure.reason
  }

  /**
   * Whether `follow` could do it. Rejects with a LogOpenError if something cannot be opened; a file that is
   * missing is made.
   */
  async check(settings: LogSettings): Promise<void> {
    const { fresh } = await openLogs(settings, this.#openSink, this.#open())
    await Promise.all(fresh.map((sink) => sink.close()))
  }

  /**
   * After a reload: opens what is new, writes what comes from now on to it, and closes what is not used any
   * more once it has all that came before. Rejects with a LogOpenError, and changes nothing, if something
   * cannot be opened. `onSwitch` is called between the last line of the old ones and the first of the new.
   * Answers what the closed ones have lost.
   */
  follow(settings: LogSettings, onSwitch: () => void): Promise<readonly Dropped[]> {
    return this.#lane.run(() => this.#follow(settings, onSwitch))
  }

  /** The error log comes last: `onLost` may write to it what could not be written to the others. */
  async close(onLost: (lost: Dropped) => void = () => undefined): Promise<void> {
    await this.#lane.idle()
    const others = sinksOf(this.#logs).filter((sink) => sink !== this.#logs.error.sink)
    for (const lost of await closeAll(this.#logs, others)) onLost(lost)
    await this.#logs.error.sink.close()
  }

  async #follow(settings: LogSettings, onSwitch: () => void): Promise<readonly Dropped[]> {
    const before = this.#logs
    const { logs } = await openLogs(settings, this.#openSink, this.#open())
    this.#logs = logs
    for (const channel of channels) {
      const place = placeOf(channel, settings)
      if (place.type !== 'none') logs[channel].sink.follow(place)
    }
    onSwitch()
    const inUse = sinksOf(logs)
    return closeAll(
      before,
      sinksOf(before).filter((sink) => !inUse.includes(sink)),
    )
  }

  /** The sinks by their keys. */
  #open(): ReadonlyMap<string, Sink> {
    return new Map(Object.values(this.#logs).map(({ key, sink }) => [key, sink]))
  }
}

/** Each once, also one that two logs share. */
function sinksOf(logs: OpenLogs): readonly Sink[] {
  return [...new Set(Object.values(logs).map(({ sink }) => sink))]
}

/** The logs that a sink is for, in words. */
function logsOf(logs: OpenLogs, sink: Sink): string {
  return channels.filter((channel) => logs[channel].sink === sink).join(' and ')
}

/** Answers what some of the sinks have lost. */
async function closeAll(logs: OpenLogs, sinks: readonly Sink[]): Promise<readonly Dropped[]> {
  const closed = await Promise.all(
    sinks.map(async (sink) => ({ log: logsOf(logs, sink), lines: await sink.close() })),
  )
  return closed.filter(({ lines }) => lines > 0)
}

interface Opened {
  readonly logs: OpenLogs
  /** Those that did not exist before. */
  readonly fresh: readonly Sink[]
}

/** Takes the sinks that exist already, and opens the others: all or none. */
async function openLogs(
  settings: LogSettings,
  openSink: OpenSink,
  existing: ReadonlyMap<string, Sink>,
): Promise<Opened> {
  const fresh = new Map<string, Sink>()
  const open = async (channel: Channel): Promise<OpenLog> => {
    const place = placeOf(channel, settings)
    if (place.type === 'none') return { key: '', name: nullSink.name, sink: nullSink, isJournal: false }
    const key = keyOf(place)
    const sink = fresh.get(key) ?? existing.get(key) ?? (await openOrExplain(channel, place, openSink))
    if (!existing.has(key)) fresh.set(key, sink)
    if (place.type === 'file') return { key, name: place.path, sink, isJournal: false }
    return {
      key,
      name: place.name,
      sink,
      isJournal: channel !== 'access' && isJournal(place.name === 'stdout' ? 1 : 2),
    }
  }
  try {
    const logs = { access: await open('access'), error: await open('error'), app: await open('app') }
    return { logs, fresh: [...fresh.values()] }
  } catch (error) {
    await Promise.all([...fresh.values()].map((sink) => sink.close()))
    throw error
  }
}

async function openOrExplain(channel: Channel, place: UsedPlace, openSink: OpenSink): Promise<Sink> {
  try {
    return await openSink(place)
  } catch (error) {
    const name = place.type === 'file' ? place.path : place.name
    throw new LogOpenError(settingOf[channel], name, toError(error))
  }
}
