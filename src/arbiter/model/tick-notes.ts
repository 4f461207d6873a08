// When each schedule was last due, as an arbiter notes it. Types only; schedules/tick-store.ts keeps them.

export interface Note {
  /** The expression for which it was due: with another one the note means nothing. */
  readonly cron: string
  /** Milliseconds of the epoch. */
  readonly last: number
}

export type Notes = ReadonlyMap<string, Note>

export interface TickStore {
  /** Returns no notes of an empty file. Throws when the file has something else. */
  read(): Notes
  write(notes: Notes): void
}
