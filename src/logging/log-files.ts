// Runs in the arbiter, the only process that opens a log: the three logs as the settings name them. Two logs may share one file or
// stream, and then share the sink, so that their lines do not tear each other.

import { fstatSync } from 'node:fs'
import { resolve } from 'node:path'
import { channels } from './channels.ts'
import type { Channel, Dropped } from './channels.ts'
import { nullSink, openFileSink, openStandardSink } from './sink.ts'
import type { Sink, SinkWatch } from './sink.ts'

export interface LogDestinations {
  readonly accesslog: string | null
  readonly errorlog: string | null
  readonly applog: string | null
}

const settingOf = { access: 'accesslog', error: 'errorlog', app: 'applog' } as const satisfies Record<
  Channel,
  keyof LogDestinations
>
/** Where a log goes when its setting is `-`. */
const standardOf = { access: 'stdout', error: 'stderr', app: 'stdout' } as const satisfies Record<Channel, Standard>

type Standard = 'stdout' | 'stderr'

type Place =
  | { readonly type: 'none' }
  | { readonly type: 'standard'; readonly name: Standard }
  | { readonly type: 'file'; readonly path: string }

/** Paths that are no files, but that people write where a server asks for one. */
const specialPaths: Readonly<Record<string, Place>> = {
  '/dev/null': { type: 'none' },
  '/dev/stdout': { type: 'standard', name: 'stdout' },
  '/dev/stderr': { type: 'standard', name: 'stderr' },
}

function placeOf(channel: Channel, destination: string | null): Place {
  if (destination === null) return { type: 'none' }
  if (destination === '-') return { type: 'standard', name: standardOf[channel] }
  return specialPaths[destination] ?? { type: 'file', path: resolve(destination) }
}

/** A log that could not be opened at the start. */
export class LogOpenError extends Error {
  override readonly name = 'LogOpenError'
  readonly setting: keyof LogDestinations
  readonly path: string

  constructor(setting: keyof LogDestinations, path: string, cause: Error) {
    super(`cannot open ${path}: ${cause.message}`, { cause })
    this.setting = setting
    this.path = path
  }
}

export class LogFiles {
  readonly #sinks: Readonly<Record<Channel, Sink>>
  readonly #names: Readonly<Record<Channel, string>>

  private constructor(sinks: Readonly<Record<Channel, Sink>>, destinations: LogDestinations) {
    this.#sinks = sinks
    const nameOf = (channel: Channel): string => {
      const place = placeOf(channel, destinations[settingOf[channel]])
      return place.type === 'standard' ? place.name : sinks[channel].name
    }
    this.#names = { access: nameOf('access'), error: nameOf('error'), app: nameOf('app') }
  }

  /** Opens all three. Rejects with a LogOpenError, and leaves none open, if one cannot be opened. */
  static async open(destinations: LogDestinations, watch: SinkWatch): Promise<LogFiles> {
    const shared = new Map<string, Sink>()
    const opened: Partial<Record<Channel, Sink>> = {}
    try {
      for (const channel of channels) opened[channel] = await openSink(channel, destinations, { shared, watch })
    } catch (error) {
      await Promise.all([...shared.values()].map((sink) => sink.close()))
      throw error
    }
    const { access = nullSink, error = nullSink, app = nullSink } = opened
    return new LogFiles({ access, error, app }, destinations)
  }

  write(channel: Channel, lines: Buffer | string): void {
    this.#sinks[channel].write(lines)
  }

  /** Whether the log is read at a terminal, and so may be in colour. */
  isTerminal(channel: Channel): boolean {
    return this.#sinks[channel].isTerminal
  }

  /** The place of each log, for the start-up message. */
  names(): Readonly<Record<Channel, string>> {
    return this.#names
  }

  /** Once for each file: two logs that share one are named together. */
  takeDropped(): Dropped[] {
    return this.#distinct()
      .map((sink) => ({ log: this.#logsOf(sink), lines: sink.takeDropped() }))
      .filter(({ lines }) => lines > 0)
  }

  async reopen(): Promise<void> {
    await Promise.all(this.#distinct().map((sink) => sink.reopen()))
  }

  /** The error log comes last: `onLost` may write to it what could not be written to the others. */
  async close(onLost: (lost: Dropped) => void = () => undefined): Promise<void> {
    const others = this.#distinct().filter((sink) => sink !== this.#sinks.error)
    const closed = await Promise.all(others.map(async (sink) => ({ log: this.#logsOf(sink), lines: await sink.close() })))
    for (const lost of closed) if (lost.lines > 0) onLost(lost)
    await this.#sinks.error.close()
  }

  #distinct(): Sink[] {
    return [...new Set(Object.values(this.#sinks))]
  }

  #logsOf(sink: Sink): string {
    return channels.filter((channel) => this.#sinks[channel] === sink).join(' and ')
  }
}

interface Opening {
  readonly shared: Map<string, Sink>
  readonly watch: SinkWatch
}

async function openSink(channel: Channel, destinations: LogDestinations, { shared, watch }: Opening): Promise<Sink> {
  const setting = settingOf[channel]
  const place = placeOf(channel, destinations[setting])
  if (place.type === 'none') return nullSink
  const key = place.type === 'standard' ? standardKey(place.name) : place.path
  const existing = shared.get(key)
  if (existing !== undefined) return existing
  const sink = place.type === 'standard' ? openStandardSink(place.name, watch) : await openOrExplain(setting, place.path, watch)
  shared.set(key, sink)
  return sink
}

/** After `2>&1` both are one stream, and writing to it by two ways could tear lines. */
function standardKey(name: Standard): string {
  const { dev, ino } = fstatSync(name === 'stdout' ? 1 : 2)
  return `${dev}:${ino}`
}

async function openOrExplain(setting: keyof LogDestinations, path: string, watch: SinkWatch): Promise<Sink> {
  try {
    return await openFileSink(path, watch)
  } catch (error) {
    throw new LogOpenError(setting, path, error instanceof Error ? error : new Error(String(error)))
  }
}
