// Runs in the arbiter: notices when the arbiter itself was stopped or blocked, for then the beats of its
// workers wait unread in the pipes.

/** Milliseconds between two looks at the clock when nothing happens. */
export const longestTick = 1000
/** Milliseconds of lateness that every event loop has. */
const tolerance = 20
/** Milliseconds for reading what has gathered in the pipes meanwhile. */
const readingTime = 100

export class Punctuality {
  #due = Infinity

  /** When the next look comes at the latest, if nothing holds this process up. */
  expect(at: number): void {
    this.#due = at
  }

  /** Milliseconds that no worker is to be blamed for, because this look is too late; 0 when it is in time. */
  look(now: number): number {
    const late = now - this.#due
    return late > tolerance ? late + readingTime : 0
  }
}
