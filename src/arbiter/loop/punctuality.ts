// Runs in the arbiter: detects that the arbiter itself was stopped or blocked. Then the beats of its workers
// wait unread in the pipes, and their silence means nothing. Pure.

/** Milliseconds between two looks at the clock when nothing happens. */
export const longestTick = 1000
/** Milliseconds of lateness that every event loop has. */
const tolerance = 20
/** Milliseconds for reading what has accumulated in the pipes. */
const readingTime = 100

export class Punctuality {
  #due = Infinity

  /** Records when the next look is due. */
  expect(at: number): void {
    this.#due = at
  }

  /** Returns the milliseconds by which this look is late, with a margin; 0 when it is in time. */
  look(now: number): number {
    const late = now - this.#due
    return late > tolerance ? late + readingTime : 0
  }
}
