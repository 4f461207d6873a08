// Runs in the arbiter: notices when the arbiter itself was stopped or blocked, for then the beats of its workers wait unread in the pipes.

/** Milliseconds between two looks at the clock when nothing happens. */
export const longestTick = 1000
/** Milliseconds by which a look may be late before the master takes the blame for silent workers. */
const tolerance = 1000

export class Punctuality {
  #lastLook: number

  constructor(now: number) {
    this.#lastLook = now
  }

  /** Milliseconds by which this look is too late; 0 when it is in time. */
  look(now: number): number {
    const late = now - this.#lastLook - longestTick
    this.#lastLook = now
    return late < tolerance ? 0 : late
  }
}
