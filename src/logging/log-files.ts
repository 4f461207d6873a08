// Runs in the arbiter, the only process that opens a log: the three logs as the settings name them. Two logs may share one file or
// stream, and then share the sink, so that their lines do not tear each other.

import { resolve } from 'node:path'
import { channels } from './channels.ts'
import type { Channel, Dropped } from './channels.ts'
import { nullSink, openFileSink, StandardSink } from './sink.ts'
import type { OnSinkError, Sink } from './sink.ts'

export interface LogDestinations {
  readonly accesslog: string | null
  readonly errorlog: string | null
  readonly applog: string | null
}

const settingOf = { access: 'accesslog', error: 'errorlog', app: 'applog' } as const satisfies Record<
  Channel,
  keyof LogDestinations
>
const standardOf = { access: 'stdout', error: 'stderr', app: 'stdout' } as const satisfies Record<Channel, 'stdout' | 'stderr'>

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

  private constructor(sinks: Readonly<Record<Channel, Sink>>) {
    this.#sinks = sinks
  }

  /** Opens all three. Rejects with a LogOpenError, and leaves none open, if one cannot be opened. */
  static async open(destinations: LogDestinations, onError: OnSinkError): Promise<LogFiles> {
    const shared = new Map<string, Sink>()
    const opened: Partial<Record<Channel, Sink>> = {}
    try {
      for (const channel of channels) opened[channel] = await openSink(channel, destinations, { shared, onError })
    } catch (error) {
      await Promise.all([...shared.values()].map((sink) => sink.close()))
      throw error
    }
    const { access = nullSink, error = nullSink, app = nullSink } = opened
    return new LogFiles({ access, error, app })
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
    return { access: this.#sinks.access.name, error: this.#sinks.error.name, app: this.#sinks.app.name }
  }

  takeDropped(): Dropped[] {
    return channels.map((channel) => ({ channel, lines: this.#sinks[channel].takeDropped() })).filter(({ lines }) => lines > 0)
  }

  async reopen(): Promise<void> {
    await Promise.all(this.#distinct().map((sink) => sink.reopen()))
  }

  async close(): Promise<void> {
    await Promise.all(this.#distinct().map((sink) => sink.close()))
  }

  #distinct(): Sink[] {
    return [...new Set(Object.values(this.#sinks))]
  }
}

interface Opening {
  readonly shared: Map<string, Sink>
  readonly onError: OnSinkError
}

async function openSink(channel: Channel, destinations: LogDestinations, { shared, onError }: Opening): Promise<Sink> {
  const setting = settingOf[channel]
  const destination = destinations[setting]
  if (destination === null) return nullSink
  const key = destination === '-' ? standardOf[channel] : resolve(destination)
  const existing = shared.get(key)
  if (existing !== undefined) return existing
  const sink = destination === '-' ? new StandardSink(standardOf[channel]) : await openOrExplain(setting, key, onError)
  shared.set(key, sink)
  return sink
}

async function openOrExplain(setting: keyof LogDestinations, path: string, onError: OnSinkError): Promise<Sink> {
  try {
    return await openFileSink(path, onError)
  } catch (error) {
    throw new LogOpenError(setting, path, error instanceof Error ? error : new Error(String(error)))
  }
}
