// The three logs, and the number that each has on a worker's log pipe.

export const channels = ['access', 'error', 'app'] as const

export type Channel = (typeof channels)[number]

/** Once told, how many lines a log had to leave out since the last time. */
export interface Dropped {
  readonly channel: Channel
  readonly lines: number
}
