// The names of the three logs. Any process. A log's index in the list is its number on a worker's log pipe.

export const logNames = ['access', 'error', 'app'] as const

export type LogName = (typeof logNames)[number]

/** Lines of a log that were dropped since the last report. */
export interface Dropped {
  /** Name of the log; logs that share a file or stream are joined, for example `access and app`. */
  readonly log: string
  readonly lines: number
}
