// A record of the error log or the app log. Any process. pino writes it as JSON, from which the text format
// is created.

/** The levels with pino's numbers. */
export const levels = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const

export type LogLevel = keyof typeof levels

/** In their order. */
export const logLevels = Object.keys(levels) as readonly LogLevel[] // the keys of the table

/** The name of the service that is the app of the server; its processes are called workers. */
export const mainService = 'web'

export interface LogRecord {
  /** ISO 8601. */
  readonly time: string
  readonly level: LogLevel
  readonly pid: number
  readonly msg: string
  readonly [field: string]: unknown
}
