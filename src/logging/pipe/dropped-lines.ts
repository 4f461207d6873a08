// Runs in a worker: how many lines of each log were dropped since that was reported last.

import { logNames, type LogName } from '../log-names.ts'

export class DroppedLines {
  readonly #counts: Record<LogName, number> = { access: 0, error: 0, app: 0 }
  readonly #onDropped: (log: LogName, lines: number) => void

  constructor(onDropped: (log: LogName, lines: number) => void) {
    this.#onDropped = onDropped
  }

  add(log: LogName, lines: number): void {
    this.#counts[log] += lines
  }

  report(): void {
    for (const log of logNames) {
      const lines = this.#counts[log]
      if (lines === 0) continue
      this.#counts[log] = 0
      this.#onDropped(log, lines)
    }
  }
}
