// Runs in the arbiter: its own voice. Takes events, makes sentences of them and writes them to the error log as pino records.

import { createLogger } from '../logging/logger.ts'
import type { Logger } from '../logging/logger.ts'
import type { LogFiles } from '../logging/log-files.ts'
import type { LogLevel } from '../logging/record.ts'
import type { ArbiterEvent } from './events.ts'
import { narrate } from './narrate.ts'

export interface JournalOptions {
  readonly logs: LogFiles
  readonly level: LogLevel
  readonly format: 'text' | 'json'
  /** Sees each event as well. */
  readonly onEvent?: (event: ArbiterEvent) => void
}

export class Journal {
  readonly logs: LogFiles
  readonly report: (event: ArbiterEvent) => void
  readonly #logger: Logger

  constructor({ logs, level, format, onEvent }: JournalOptions) {
    this.logs = logs
    this.#logger = createLogger({
      ...{ level, format },
      color: logs.isTerminal('error'),
      base: { pid: process.pid },
      write: (line) => logs.write('error', line),
    })
    this.report = (event) => {
      const { level: at, msg, fields } = narrate(event)
      this.#logger[at](fields ?? {}, msg)
      onEvent?.(event)
    }
  }

  setLevel(level: LogLevel): void {
    this.#logger.level = level
  }
}
