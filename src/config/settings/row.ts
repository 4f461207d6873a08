// What one row of the settings table says of its setting. Used by the arbiter and the command line; a worker
// gets the finished values by message and never loads this file (zod costs tens of milliseconds).

import type { z } from 'zod'

export const sections = {
  what: 'What to serve',
  socket: 'Server socket',
  workers: 'Workers',
  time: 'Time limits',
  recycle: 'Recycling workers',
  logs: 'Logs',
  mechanics: 'Server mechanics',
  operate: 'Operating',
  develop: 'Checking and developing',
} as const

export type Section = keyof typeof sections

/** How a command-line value becomes the value that the schema checks. */
export type TextKind = 'text' | 'number' | 'flag' | 'list' | 'pairs' | 'parts'

export interface Setting<Schema extends z.ZodType = z.ZodType> {
  readonly section: Section
  readonly schema: Schema
  /** The value when nobody sets it; a function when the environment decides. */
  readonly default: z.output<Schema> | ((environment: NodeJS.ProcessEnv) => unknown)
  /** commander's flag syntax; absent where gunicorn has none and a flag makes no sense. */
  readonly flag?: string
  readonly text?: TextKind
  /** Completes the sentence "expected …". */
  readonly expects: string
  readonly doc: string
  /** The environment variable that such a default reads. */
  readonly variable?: string
  /** Shown as the default in the docs when the environment decides. */
  readonly defaultText?: string
  /** The value as `--print-config` shows it, where JSON is not what a person would write. */
  readonly print?: (value: z.output<Schema>) => string
  /** True when a reload (HUP) keeps the old value, because only a restart can change it. */
  readonly fixed?: boolean
}

/** Keeps the schema's own type on the row, so that the type of all settings can be read off the table. */
export function setting<Schema extends z.ZodType>(row: Setting<Schema>): Setting<Schema> {
  return row
}
