// Runs in the arbiter: the regular work. It rotates logs whose time has come, reports how many lines were
// lost, and keeps the files of compiled code young, because systems remove old files from the temporary
// directory.

import { describeError } from '../../logging/records/describe-error.ts'
import { reportDropped, type LogParts } from './logs.ts'

/** Milliseconds. systemd-tmpfiles removes what was not touched for 10 days (tmpfiles.d(5)). */
const renewalInterval = 3_600_000

export class Upkeep {
  readonly #parts: LogParts
  readonly #renew: () => void
  #renewAt: number

  constructor(parts: LogParts, renew: () => void, now: number) {
    this.#parts = parts
    this.#renew = renew
    this.#renewAt = now + renewalInterval
  }

  tick(now: number): void {
    this.#parts.logs.tick()
    reportDropped(this.#parts)
    if (now < this.#renewAt) return
    this.#renewAt = now + renewalInterval
    try {
      this.#renew()
    } catch (error) {
      const reason = describeError(error).message
      const message = `the compiled code cannot be kept: ${reason}; reload the server to compile it again`
      this.#parts.emit({ type: 'warning', message })
    }
  }
}
