// Any process. Loads pino by require(): a logger may be needed synchronously, and Node 20 resolves imports
// of a required ES module without the loader of Yarn Plug'n'Play.

import { createRequire } from 'node:module'
import type * as Pino from 'pino'

export function loadPino(): typeof Pino {
  return createRequire(import.meta.url)('pino') as typeof Pino // what the package exports
}
