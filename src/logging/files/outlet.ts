// Runs in the arbiter: what a sink can write to. An outlet writes one piece at a time, tells to the byte how
// far it came, and keeps nothing back: what to do about a failure is the sink's decision.

import type { Manner } from './places.ts'

export interface Written {
  readonly bytes: number
  /** Why it was not all. */
  readonly error?: Error
}

/**
 * What has become of the wish to rotate. `empty`: there is nothing to rotate. `elsewhere`: the path was
 * another file already, which is open now. `busy`: another master rotates at this moment.
 */
export type Rotation = 'rotated' | 'empty' | 'elsewhere' | 'busy'

export interface Outlet {
  /** From now on. */
  follow(manner: Pick<Manner, 'rotation' | 'mode'>): void
  /** How much the place may take until it is rotated: Infinity when its size does not matter. */
  readonly room: number
  /** Never rejects. */
  write(bytes: Buffer): Promise<Written>
  /**
   * Opens the place anew. Rejects, and changes nothing, when it cannot be opened. Answers whether the last
   * byte that was written is still the last one there, so that a line which was cut off can go on.
   */
  reopen(): Promise<boolean>
  /** Why the place is none any more although it takes bytes: its file was removed, say. */
  check(): Promise<Error | undefined>
  /** Whether the place is to be rotated at this moment, in milliseconds since the epoch. */
  isDue(now: number): boolean
  /** Rotates, whether it is due or not. Rejects, and goes on as before, when it cannot be done. */
  rotate(now: number): Promise<Rotation>
  close(): Promise<void>
}
