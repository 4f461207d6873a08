// Runs in a worker: the times in which it can accept no connection, because descriptors or memory run out.
// Without a free descriptor accept(2) fails, and libuv then closes connections that a sibling could have
// served, or the loop spins. So the gate is closed while a few are left, for the files and back-end
// connections of the app.

import { hasCode } from '../../os/error-code.ts'
import { shortageOf } from '../../os/limits/shortage.ts'
import { loadNative, type NativeCalls } from '../../os/system/native.ts'

export interface ShortageOptions {
  /** Called with the reason when a shortage begins, at most once per `silence`. */
  readonly report: (reason: string) => void
  readonly close: () => void
  readonly open: () => void
}

export type DescriptorCalls = Pick<NativeCalls, 'dup' | 'close' | 'descriptorLimit'>

/** Milliseconds in which a shortage that begins again is not reported again. */
const silence = 60_000
/** Descriptors that connections leave to the app; of a low limit a quarter. */
const reserve = 32

export class Shortage {
  readonly #options: ShortageOptions
  readonly #native: DescriptorCalls | Error
  readonly #now: () => number
  #lasts = false
  #reportedAt = -Infinity

  /** `native` and `now` (monotonic, milliseconds) are those of the system unless a test passes its own. */
  constructor(
    options: ShortageOptions,
    native: DescriptorCalls | Error = loadNative(),
    now: () => number = () => performance.now(),
  ) {
    this.#options = options
    this.#native = native
    this.#now = now
  }

  get lasts(): boolean {
    return this.#lasts
  }

  /** Checks whether descriptors run out, or are free again. `fd` is any open one. */
  check(fd: number): void {
    if (this.#native instanceof Error) return
    const isScarce = descriptorsAreScarce(this.#native, fd)
    if (isScarce && !this.#lasts) this.#begin(Object.assign(new Error('EMFILE'), { code: 'EMFILE' }))
    if (!isScarce && this.#lasts) {
      this.#lasts = false
      this.#options.open()
    }
  }

  /**
   * Handles an error of accept(2), which would fail again at once, because the socket is still readable.
   * Returns false when the error means something else than a shortage.
   */
  handle(error: Error): boolean {
    const isShortage = shortageOf(error, 'accept') !== undefined
    if (isShortage && !this.#lasts) this.#begin(error)
    return isShortage
  }

  #begin(error: Error): void {
    this.#lasts = true
    const now = this.#now()
    if (now - this.#reportedAt >= silence) this.#options.report(shortageOf(error, 'accept') ?? error.message)
    this.#reportedAt = now
    this.#options.close()
  }
}

function descriptorsAreScarce({ dup, close, descriptorLimit }: DescriptorCalls, fd: number): boolean {
  const limit = descriptorLimit()
  try {
    const lowest = dup(fd)
    close(lowest)
    return isNear(lowest, limit)
  } catch (error) {
    return hasCode(error, 'EMFILE')
  }
}

/** The kernel gives the lowest free number: if that is near the limit, nearly all are in use. */
export function isNear(lowest: number, limit: number): boolean {
  return lowest >= limit - Math.min(reserve, Math.floor(limit / 4))
}
