// The open logs of a server, and how they are opened: its own three, and those that its services and
// schedules have of their own. Logs with one destination share a sink. Runs in the arbiter.

import { logNames, type LogName } from '../log-names.ts'
import { fileProblem } from '../../os/file-problem.ts'
import { toError } from '../records/describe-error.ts'
import {
  destinationOf,
  keyOf,
  ownLogs,
  settingOf,
  type Destination,
  type LogSettings,
  type OwnLog,
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

export interface OpenLog {
  /** The service or schedule whose own log it is; undefined for those of the server. */
  readonly owner: string | undefined
  readonly log: LogName
  readonly destination: Destination
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
  readonly #server: Readonly<Record<LogName, OpenLog>>
  readonly #owned = new Map<string, Map<LogName, OpenLog>>()

  constructor(server: Readonly<Record<LogName, OpenLog>>, owned: readonly OpenLog[]) {
    this.all = [...logNames.map((log) => server[log]), ...owned]
    this.#server = server
    for (const open of owned) {
      const { owner = '', log } = open
      const others = this.#owned.get(owner) ?? new Map<LogName, OpenLog>()
      this.#owned.set(owner, others.set(log, open))
    }
  }

  /** That of the server when the service or schedule has none of its own. */
  of(log: LogName, owner?: string): OpenLog {
    return (owner === undefined ? undefined : this.#owned.get(owner)?.get(log)) ?? this.#server[log]
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
  const open = (log: LogName): Promise<OpenLog> => opening.open(log, settings)
  try {
    const server = { access: await open('access'), error: await open('error'), app: await open('app') }
    const owned: OpenLog[] = []
    for (const { settings: own, ...owner } of ownLogs(settings))
      owned.push(await opening.open(owner.log, own, owner))
    return { logs: new OpenLogs(server, owned), fresh: opening.fresh }
  } catch (error) {
    await Promise.all(opening.fresh.map((sink) => sink.close()))
    throw error
  }
}

type Owner = Pick<OwnLog, 'kind' | 'owner'>

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

  async open(log: LogName, settings: LogSettings, owner?: Owner): Promise<OpenLog> {
    const destination = destinationOf(log, settings)
    const open = { log, owner: owner?.owner, destination }
    if (destination.type === 'none')
      return { ...open, key: '', name: nullSink.name, sink: nullSink, isJournal: false }
    const key = keyOf(destination)
    const setting = [...(owner === undefined ? [] : [owner.kind, owner.owner]), settingOf[log]].join('.')
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
