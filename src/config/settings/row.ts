// The shape of a row of the settings table. Used by the arbiter and the command line; a worker receives the
// checked values by message and never loads this file (zod costs tens of milliseconds).

import type * as z from 'zod'

export const sections = {
  what: 'What to serve',
  socket: 'Server socket',
  tls: 'TLS',
  proxies: 'Behind a proxy',
  workers: 'Workers',
  time: 'Timeouts',
  limits: 'Limits for clients',
  http2: 'HTTP/2',
  recycle: 'Worker recycling',
  compute: 'Compute',
  logs: 'Logs',
  mechanics: 'Server mechanics',
  operate: 'Control socket',
  develop: 'Config checks and development',
} as const

export type Section = keyof typeof sections

/** How text from the command line is converted before the schema checks it. `words`: a list with commas. */
export type TextKind = 'text' | 'number' | 'flag' | 'list' | 'words' | 'pairs' | 'parts'

/** What a value measures or names, for hints and warnings. */
export type Unit = 'seconds' | 'bytes' | 'mode' | 'file' | 'address'

/** A part of a setting that is an object. */
export interface Part {
  /** Completes the sentence "expected …" of an error. */
  readonly expects: string
  /** For the editor and the JSON schema. */
  readonly doc: string
  readonly unit?: Unit
  /** The value of an absent part; a part without one has to be there. */
  readonly default?: unknown
  readonly parts?: Parts
}

/** By name; `*` stands for any name. */
export type Parts = Readonly<Record<string, Part>>

export interface Setting<Schema extends z.ZodType = z.ZodType> {
  readonly section: Section
  readonly schema: Schema
  /** The default; a function when it depends on the environment. */
  readonly default: z.output<Schema> | ((environment: NodeJS.ProcessEnv) => unknown)
  /** In commander's flag syntax; absent for a setting without a flag. */
  readonly flag?: string
  readonly text?: TextKind
  /** Completes the sentence "expected …" of an error. */
  readonly expects: string
  readonly unit?: Unit
  /** What an object may contain. */
  readonly parts?: Parts
  /** For docs/reference/settings.md; the first sentence is the text in `--help`. */
  readonly doc: string
  /** The environment variable that the default depends on. */
  readonly variable?: string
  /** Completes "expected …" for a wrong value of that variable. */
  readonly variableExpects?: string
  /** The default as the docs show it, if that is not its JSON. */
  readonly defaultText?: string
  /** Returns the value without its secrets, for `--print-config`. */
  readonly conceal?: (value: z.output<Schema>) => unknown
  /** Formats the value for `--print-config`; the default is JSON. */
  readonly print?: (value: z.output<Schema>) => string
  /** Whether a reload (HUP) keeps the old value, because only a restart can change it. */
  readonly fixed?: boolean
}

/** Keeps the type of the schema on the row: the type of all settings is derived from the table. */
export function setting<Schema extends z.ZodType>(row: Setting<Schema>): Setting<Schema> {
  return row
}
