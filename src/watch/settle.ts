// Runs in the arbiter, with the setting `reload`: many saves at once are one change. The first one is told at
// once, the rest when it has been quiet for a moment.

import type { Clock, Timer } from '../os/system/clock.ts'

/** Milliseconds without a change after which the files count as written. */
const quiet = 50
/** Milliseconds after which they do even if it never gets quiet. */
const longest = 1000

export interface SettleOptions {
  readonly clock: Clock
  readonly onFirst: () => void
  readonly onSettled: (files: readonly string[]) => void
}

export class Settle {
  readonly #options: SettleOptions
  readonly #files = new Set<string>()
  #timer: Timer | undefined
  #giveUpAt = 0

  constructor(options: SettleOptions) {
    this.#options = options
  }

  note(file: string): void {
    const { clock, onFirst, onSettled } = this.#options
    const now = clock.now()
    if (this.#files.size === 0) {
      this.#giveUpAt = now + longest
      onFirst()
    }
    this.#files.add(file)
    this.#timer?.cancel()
    this.#timer = clock.after(Math.max(0, Math.min(quiet, this.#giveUpAt - now)), () => {
      const files = [...this.#files]
      this.#files.clear()
      onSettled(files)
    })
  }

  close(): void {
    this.#timer?.cancel()
  }
}
