// All settings of gunicorn 26. Loaded only when a hint is needed, and for the docs.

import { httpSettings } from './gunicorn-http.ts'
import { processSettings } from './gunicorn-process.ts'
import type { GunicornRow, GunicornSettings } from './gunicorn-row.ts'

/** By section, in gunicorn's order. */
export const gunicornSections: GunicornSettings = { ...processSettings, ...httpSettings }

/** By name. */
export const gunicornSettings: ReadonlyMap<string, GunicornRow> = new Map(
  Object.values(gunicornSections).flatMap((rows) => Object.entries(rows)),
)
