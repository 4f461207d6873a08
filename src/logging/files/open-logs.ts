// The open logs of a server, and how they are opened: its own three, and those that its services and
// schedules have of their own. Logs with one destination share a sink. Runs in the arbiter.

import type { LogName } from '../log-names.ts'
import { fileProblem } from '../../os/file-problem.ts'
import { toError } from '../records/describe-error.ts'
import {
  keyOf,
  logsIn,
  type ConfiguredLog,
  type LogSettings,
  type WritableDestination,
} from './destination.ts'
import { isJournal } from './journal-priority.ts'
import { nullSink, type Sink } from './sink.ts'

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

export interface OpenLog extends Pick<ConfiguredLog, 'owner' | 'log' | 'destination'> {
  /** The same for logs that share a file or stream; empty for a log that is switched off. */
  readonly key: string
  /** As the start message shows it. */
  readonly name: string
  readonly sink: Sink
  /** Whether its lines get the priorities of the systemd journal. */
  readonly isJournal: boolean
}

export class OpenLogs {
  readonly all: readonly OpenLog[]
  /** By their owners. */
  readonly #byOwner = new Map<string | undefined, Map<LogName, OpenLog>>()

  /** `all`: those of the server too. */
  constructor(all: readonly OpenLog[]) {
    this.all = all
    for (const open of all) {
      const others = this.#byOwner.get(open.owner) ?? new Map<LogName, OpenLog>()
      this.#byOwner.set(open.owner, others.set(open.log, open))
    }
  }

  /** That of the server when the service or schedule has none of its own. */
  of(log: LogName, owner?: string): OpenLog {
    const found = this.#byOwner.get(owner)?.get(log) ?? this.#byOwner.get(undefined)?.get(log)
    if (found === undefined) throw new Error(`the server has no ${log} log`)
    return found
  }

  /** Each once, even if logs share it. */
  get sinks(): readonly Sink[] {
    return [...new Set(this.all.map(({ sink }) => sink))]
  }

  /** By their keys. */
  get byKey(): ReadonlyMap<string, Sink> {
    return new Map(this.all.map(({ key, sink }) => [key, sink]))
  }

  /** Those that use a sink, for example `access and app` or `app of feed`. */
  namesOf(sink: Sink): string {
    const users = this.all.filter((open) => open.sink === sink)
    return users.map(({ log, owner }) => (owner === undefined ? log : `${log} of ${owner}`)).join(' and ')
  }
}

interface Opened {
  readonly logs: OpenLogs
  /** The sinks that were not open before. */
  readonly fresh: readonly Sink[]
}

/**
 * Uses the sinks that are open already and opens the others. Rejects with a LogOpenError, and leaves none
 * open, if one cannot be opened.
 */
export async function openLogs(
  settings: LogSettings,
  openSink: OpenSink,
  existing: ReadonlyMap<string, Sink>,
): Promise<Opened> {
  const opening = new Opening(openSink, existing)
  try {
    const all: OpenLog[] = []
    for (const configured of logsIn(settings)) all.push(await opening.open(configured))
    return { logs: new OpenLogs(all), fresh: opening.fresh }
  } catch (error) {
    await Promise.all(opening.fresh.map((sink) => sink.close()))
    throw error
  }
}

class Opening {
  readonly #openSink: OpenSink
  readonly #existing: ReadonlyMap<string, Sink>
  readonly #fresh = new Map<string, Sink>()

  constructor(openSink: OpenSink, existing: ReadonlyMap<string, Sink>) {
    this.#openSink = openSink
    this.#existing = existing
  }

  get fresh(): readonly Sink[] {
    return [...this.#fresh.values()]
  }

  async open({ owner, log, name: setting, destination }: ConfiguredLog): Promise<OpenLog> {
    const open = { owner, log, destination }
    if (destination.type === 'none')
      return { ...open, key: '', name: nullSink.name, sink: nullSink, isJournal: false }
    const key = keyOf(destination)
    const sink = this.#fresh.get(key) ?? this.#existing.get(key) ?? (await this.#create(setting, destination))
    if (!this.#existing.has(key)) this.#fresh.set(key, sink)
    if (destination.type === 'file') return { ...open, key, name: destination.path, sink, isJournal: false }
    const { name } = destination
    return { ...open, key, name, sink, isJournal: log !== 'access' && isJournal(name === 'stdout' ? 1 : 2) }
  }

  async #create(setting: string, destination: WritableDestination): Promise<Sink> {
    try {
      return await this.#openSink(destination)
    } catch (error) {
      const name = destination.type === 'file' ? destination.path : destination.name
      throw new LogOpenError(setting, name, toError(error))
    }
  }
}
