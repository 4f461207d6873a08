// Runs in the arbiter: its own voice. Takes events, makes sentences of them and writes them to the error log
// as pino records; and what hooks of the arbiter print by `console` becomes records of the app log.

import { createLogger, type Logger } from '../../logging/records/logger.ts'
import { describeError } from '../../logging/records/describe-error.ts'
import type { LogFiles } from '../../logging/files/log-files.ts'
import type { LogSettings } from '../../logging/files/places.ts'
import type { Settings } from '../../config/settings/table.ts'
import { linkAppLog } from './app-log.ts'
import { captureConsole } from './console.ts'
import type { ArbiterEvent } from '../model/events.ts'
import { narrate } from './narrate.ts'

/** The settings that it obeys. */
export type JournalSettings = Pick<Settings, 'loglevel' | 'log_format' | 'log_redact' | 'capture_output'>

/** Sees each event as well. */
export type OnEvent = (event: ArbiterEvent) => void

export class Journal {
  readonly logs: LogFiles
  readonly report: (event: ArbiterEvent) => void
  readonly #observers = new Set<OnEvent>()
  #logger: Logger
  /** Gives the console back; undefined while it is not captured. */
  #releaseConsole: (() => void) | undefined
  #unlinkAppLog: (() => void) | undefined

  constructor(logs: LogFiles, settings: JournalSettings, onEvent?: OnEvent) {
    this.logs = logs
    if (onEvent) this.#observers.add(onEvent)
    this.#logger = this.#createLogger(settings)
    this.report = (event) => {
      const { level: at, msg, fields } = narrate(event)
      this.#logger[at](fields ?? {}, msg)
      for (const observer of this.#observers) observer(event)
    }
    this.#takeOver(settings)
  }

  /** Shows each event from now on to somebody else too. Answers a function that ends it. */
  observe(observer: OnEvent): () => void {
    this.#observers.add(observer)
    return () => void this.#observers.delete(observer)
  }

  /** After a reload. The logs are those of the old settings until the new ones are open. */
  async follow(settings: JournalSettings & LogSettings): Promise<void> {
    const obey = (): void => {
      this.#logger = this.#createLogger(settings)
      this.#takeOver(settings)
    }
    try {
      for (const dropped of await this.logs.follow(settings, obey))
        this.report({ type: 'log_dropped', dropped })
    } catch (error) {
      obey()
      this.report({
        type: 'warning',
        message: `the logs stay where they were: ${describeError(error).message}`,
      })
    }
  }

  /** Fulfils when all lines of all logs are written, or cannot be. */
  async close(): Promise<void> {
    this.#releaseConsole?.()
    this.#unlinkAppLog?.()
    await this.logs.close((dropped) => this.report({ type: 'log_dropped', dropped }))
  }

  #createLogger({ loglevel, log_format }: JournalSettings): Logger {
    return createLogger({
      level: loglevel,
      format: log_format,
      color: this.logs.isTerminal('error'),
      base: { pid: process.pid },
      write: (line) => this.logs.write('error', line),
    })
  }

  /** What hooks of the master print, and what they log. */
  #takeOver(settings: JournalSettings): void {
    this.#releaseConsole?.()
    this.#releaseConsole = settings.capture_output
      ? captureConsole(this.logs, settings.log_format)
      : undefined
    this.#unlinkAppLog?.()
    this.#unlinkAppLog = linkAppLog(this.logs, settings)
  }
}
