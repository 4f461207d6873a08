// Runs in the arbiter: the listener that writes the narration to the error log as pino records. It also
// follows the log settings of a reload.

import type { Settings } from '../../config/settings/table.ts'
import type { RecordSource } from '../../logging/files/log-feed.ts'
import type { Logs } from '../../logging/files/logs.ts'
import type { LogSettings } from '../../logging/files/destination.ts'
import { describeError } from '../../logging/records/describe-error.ts'
import { createLogger, type Logger } from '../../logging/records/logger.ts'
import { said } from '../../logging/records/said.ts'
import type { Emit } from '../model/events.ts'
import { aboutOf } from './about.ts'
import { captureConsole, linkHookLog } from './hook-output.ts'
import type { Narrated } from './narration.ts'

export type ErrorLogSettings = Pick<Settings, 'loglevel' | 'log_format' | 'log_redact' | 'capture_output'>

export class ErrorLog {
  readonly #logs: Logs
  readonly #emit: Emit
  readonly #ownsProcess: boolean
  #logger: Logger
  /** What the record that is being written is about. */
  #about: RecordSource = {}
  /** Restores the console; undefined while it is not captured. */
  #releaseConsole: (() => void) | undefined
  #unlinkHookLog: (() => void) | undefined

  /** `ownsProcess`: what hooks of the arbiter print with `console`, and their `log`, go to the app log. */
  constructor(
    logs: Logs,
    settings: ErrorLogSettings,
    { emit, ownsProcess }: { readonly emit: Emit; readonly ownsProcess: boolean },
  ) {
    this.#logs = logs
    this.#emit = emit
    this.#ownsProcess = ownsProcess
    this.#logger = this.#createLogger(settings)
    this.#captureHooks(settings)
  }

  /** The text form has no field that the sentence says. */
  write({ level, msg, fields, said: spoken, identity, event }: Narrated): void {
    this.#about = aboutOf(event)
    this.#logger[level]({ ...fields, [said]: { ...identity, ...spoken } }, msg)
  }

  /** After a reload. The logs are those of the old settings until the new ones are open. Never rejects. */
  async follow(settings: ErrorLogSettings & LogSettings): Promise<void> {
    const adopt = (): void => {
      this.#logger = this.#createLogger(settings)
      this.#captureHooks(settings)
    }
    try {
      for (const dropped of await this.#logs.apply(settings, adopt))
        this.#emit({ type: 'log_dropped', dropped })
    } catch (error) {
      adopt()
      const message = `the logs keep their old destinations: ${describeError(error).message}`
      this.#emit({ type: 'warning', message })
    }
  }

  /** Resolves when all lines of all logs are written, or cannot be. */
  async close(): Promise<void> {
    this.#releaseConsole?.()
    this.#unlinkHookLog?.()
    await this.#logs.close((dropped) => this.#emit({ type: 'log_dropped', dropped }))
  }

  #createLogger({ loglevel, log_format }: ErrorLogSettings): Logger {
    return createLogger({
      level: loglevel,
      format: log_format,
      color: this.#logs.isTerminal('error'),
      base: { pid: process.pid },
      write: (line) => this.#logs.writeOwn('error', line, this.#about),
    })
  }

  /** What hooks of the arbiter print, and what they log. */
  #captureHooks(settings: ErrorLogSettings): void {
    if (!this.#ownsProcess) return
    this.#releaseConsole?.()
    this.#releaseConsole = settings.capture_output
      ? captureConsole(this.#logs, settings.log_format)
      : undefined
    this.#unlinkHookLog?.()
    this.#unlinkHookLog = linkHookLog(this.#logs, settings)
  }
}
