// The three logs, and the number that each has on a worker's log pipe.

export const channels = ['access', 'error', 'app'] as const

export type Channel = (typeof channels)[number]

/** Once told, how many lines had to be left out since the last time. */
export interface Dropped {
  /** The channel; the names of two or three, joined, when they share a file. */
  readonly log: string
  readonly lines: number
}
