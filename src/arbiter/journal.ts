// Runs in the arbiter: its own voice. Takes events, makes sentences of them and writes them to the error log as pino records; and what
// hooks of the arbiter print by `console` becomes records of the app log.

import { createLogger } from '../logging/logger.ts'
import type { Logger } from '../logging/logger.ts'
import type { LogFiles } from '../logging/log-files.ts'
import type { Settings } from '../config/settings.ts'
import { linkAppLog } from './app-log.ts'
import { captureConsole } from './console.ts'
import type { ArbiterEvent } from './events.ts'
import { narrate } from './narrate.ts'

/** The settings that it obeys. */
export type JournalSettings = Pick<Settings, 'loglevel' | 'log_format' | 'log_redact' | 'capture_output'>

/** Sees each event as well. */
export type OnEvent = (event: ArbiterEvent) => void

export class Journal {
  readonly logs: LogFiles
  readonly report: (event: ArbiterEvent) => void
  readonly #logger: Logger
  /** Gives the console back; undefined while it is not captured. */
  #releaseConsole: (() => void) | undefined
  #unlinkAppLog: (() => void) | undefined

  constructor(logs: LogFiles, settings: JournalSettings, onEvent?: OnEvent) {
    this.logs = logs
    this.#logger = createLogger({
      ...{ level: settings.loglevel, format: settings.log_format },
      color: logs.isTerminal('error'),
      base: { pid: process.pid },
      write: (line) => logs.write('error', line),
    })
    this.report = (event) => {
      const { level: at, msg, fields } = narrate(event)
      this.#logger[at](fields ?? {}, msg)
      onEvent?.(event)
    }
    this.follow(settings)
  }

  /** After a reload. */
  follow(settings: JournalSettings): void {
    const { loglevel, log_format, capture_output } = settings
    this.#logger.level = loglevel
    this.#unlinkAppLog?.()
    this.#unlinkAppLog = linkAppLog(this.logs, settings)
    this.#releaseConsole?.()
    this.#releaseConsole = capture_output ? captureConsole(this.logs, log_format) : undefined
  }

  /** Fulfils when all lines of all logs are written, or cannot be. */
  async close(): Promise<void> {
    this.#releaseConsole?.()
    this.#unlinkAppLog?.()
    await this.logs.close((dropped) => this.report({ type: 'log_dropped', dropped }))
  }
}
