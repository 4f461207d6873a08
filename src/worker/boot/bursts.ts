// Runs in a worker: records that may come by the thousand, as when a database hangs: ten a second, then
// one with the count of the others.

interface Rate {
  readonly most: number
  /** Milliseconds. */
  readonly period: number
}

const usual: Rate = { most: 10, period: 1000 }
/** For what lasts as long as a client or a proxy is set up wrongly. */
export const rare: Rate = { most: 1, period: 60_000 }

export class Bursts {
  readonly #onMore: (more: number) => void
  readonly #rate: Rate
  #admitted = 0
  #more = 0

  /** `onMore`: called at the end of a second (a period of `rate`) in which there were more. */
  constructor(onMore: (more: number) => void, rate = usual) {
    this.#onMore = onMore
    this.#rate = rate
  }

  /** Returns whether there is room for a record; else it is counted. */
  admit(): boolean {
    if (this.#admitted === this.#rate.most) {
      this.#more += 1
      return false
    }
    if (this.#admitted === 0) setTimeout(() => this.#end(), this.#rate.period).unref()
    this.#admitted += 1
    return true
  }

  #end(): void {
    const more = this.#more
    this.#admitted = 0
    this.#more = 0
    if (more > 0) this.#onMore(more)
  }
}
