// Runs in the arbiter: what it does now and then, whatever happens. It rotates logs whose time has come, says
// how many lines were lost, and keeps the code of its generations young, because systems remove what is old
// from the temporary directory.

import { describeError } from '../../logging/records/describe-error.ts'
import { tellDropped, type LogCare } from '../report/log-care.ts'

/** Milliseconds. systemd-tmpfiles removes what was not touched for 10 days (tmpfiles.d(5)). */
const renewalInterval = 3_600_000

export class Upkeep {
  readonly #care: LogCare
  readonly #renew: () => void
  #renewAt: number

  constructor(care: LogCare, renew: () => void, now: number) {
    this.#care = care
    this.#renew = renew
    this.#renewAt = now + renewalInterval
  }

  tick(now: number): void {
    this.#care.logs.tick()
    tellDropped(this.#care)
    if (now < this.#renewAt) return
    this.#renewAt = now + renewalInterval
    try {
      this.#renew()
    } catch (error) {
      const reason = describeError(error).message
      this.#care.report({
        type: 'warning',
        message: `the compiled code cannot be kept: ${reason}; reload the server to make it anew`,
      })
    }
  }
}
