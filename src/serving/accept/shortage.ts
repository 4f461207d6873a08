// Runs in a worker: a time in which it can accept no connection, for want of descriptors or memory. It knows
// when that begins and ends, and tells it once in a while however often it comes and goes.

import { loadNative, type NativeCalls } from '../../os/system/native.ts'
import { shortageOf } from '../../os/limits/shortage.ts'
import { descriptorsAreScarce } from './descriptors.ts'

export interface ShortageOptions {
  /** The words for the log. */
  readonly tell: (reason: string) => void
  readonly close: () => void
  readonly open: () => void
}

/** Milliseconds in which a shortage that comes and goes is told once. */
const silence = 60_000

export class Shortage {
  readonly #options: ShortageOptions
  readonly #native: NativeCalls | Error = loadNative()
  #lasts = false
  #toldAt = -Infinity

  constructor(options: ShortageOptions) {
    this.#options = options
  }

  get lasts(): boolean {
    return this.#lasts
  }

  /** Whether descriptors run out, or there are some again. `fd` is any open one. */
  look(fd: number): void {
    if (this.#native instanceof Error) return
    const isScarce = descriptorsAreScarce(this.#native, fd)
    if (isScarce && !this.#lasts) this.#begin(Object.assign(new Error('EMFILE'), { code: 'EMFILE' }))
    if (!isScarce && this.#lasts) {
      this.#lasts = false
      this.#options.open()
    }
  }

  /**
   * accept(2) has failed, and would fail again at once, because the socket is still readable. False when it
   * is for another reason.
   */
  met(error: Error): boolean {
    const isShortage = shortageOf(error, 'accept') !== undefined
    if (isShortage && !this.#lasts) this.#begin(error)
    return isShortage
  }

  #begin(error: Error): void {
    this.#lasts = true
    const now = performance.now()
    if (now - this.#toldAt >= silence) this.#options.tell(shortageOf(error, 'accept') ?? error.message)
    this.#toldAt = now
    this.#options.close()
  }
}
