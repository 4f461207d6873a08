// Runs in the arbiter: asynchronous steps that must not overlap, one after another in the order in which they
// were asked for.

export class Lane {
  #last: Promise<unknown> = Promise.resolve()

  /** Begins when all earlier steps are over, whatever has become of them. */
  run<Result>(step: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(step)
    this.#last = done.catch(() => undefined) // whoever asked for the step hears of it
    return done
  }

  /** Fulfils when the steps that were asked for so far are over. Never rejects. */
  async idle(): Promise<void> {
    await this.#last
  }
}
