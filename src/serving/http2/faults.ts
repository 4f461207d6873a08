// Runs in a worker: clients that make the server reset one stream after another, as a way to have requests
// begun without ever having many at a time ("made you reset", CVE-2025-8671). Node 22 counts them itself, and
// all versions count what the client resets.

import { constants } from 'node:http2'
import { performance } from 'node:perf_hooks'

/** Streams at once, and in a second, as nghttp2 has them for streams that the client resets. */
const [burst, rate] = [1000, 33]
/** Codes of RST_STREAM for what a client does wrong. */
const ofClient: ReadonlySet<number> = new Set([
  constants.NGHTTP2_PROTOCOL_ERROR,
  constants.NGHTTP2_FLOW_CONTROL_ERROR,
  constants.NGHTTP2_STREAM_CLOSED,
  constants.NGHTTP2_FRAME_SIZE_ERROR,
])

export class StreamFaults {
  readonly #onTooMany: () => void
  #left = burst
  #since = 0

  constructor(onTooMany: () => void) {
    this.#onTooMany = onTooMany
  }

  /** A stream has been reset with this code. */
  note(code: number, now = performance.now()): void {
    if (!ofClient.has(code)) return
    if (this.#left < burst) this.#left = Math.min(burst, this.#left + ((now - this.#since) / 1000) * rate)
    this.#since = now
    this.#left -= 1
    if (this.#left < 0) this.#onTooMany()
  }
}
