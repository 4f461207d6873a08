// Asynchronous tasks that must not overlap, run one after another in the order in which they were queued.
// Runs in the arbiter.

export class TaskQueue {
  #last: Promise<unknown> = Promise.resolve()

  /** Starts the task when all earlier ones have settled. Resolves or rejects as the task does. */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(task)
    this.#last = done.catch(() => undefined) // the caller handles the error
    return done
  }

  /** Resolves when all tasks queued so far have settled. Never rejects. */
  async idle(): Promise<void> {
    await this.#last
  }
}
