// Runs in the arbiter, with the setting `reload`: combines many saves at about the same time into one change.
// The first save is reported at once, all of them after a short time without another.

import type { Clock, Timer } from '../os/system/clock.ts'

/** Milliseconds without a change after which the files are reported. */
const quiet = 50
/** Milliseconds after the first change after which they are reported in any case. */
const longest = 1000

export interface DebounceOptions {
  readonly clock: Clock
  /** Called at the first save of a series. */
  readonly onFirst: () => void
  /** Called once for the series, with all its files. */
  readonly onQuiet: (files: readonly string[]) => void
}

export class Debounce {
  readonly #options: DebounceOptions
  readonly #files = new Set<string>()
  #timer: Timer | undefined
  #latestAt = 0

  constructor(options: DebounceOptions) {
    this.#options = options
  }

  note(file: string): void {
    const { clock, onFirst, onQuiet } = this.#options
    const now = clock.now()
    if (this.#files.size === 0) {
      this.#latestAt = now + longest
      onFirst()
    }
    this.#files.add(file)
    this.#timer?.cancel()
    this.#timer = clock.after(Math.max(0, Math.min(quiet, this.#latestAt - now)), () => {
      const files = [...this.#files]
      this.#files.clear()
      onQuiet(files)
    })
  }

  close(): void {
    this.#timer?.cancel()
  }
}
