// Connects the `log` that an app imports to the server that runs it. Any process.

import type { Logger } from 'pino'
import { GlobalLink } from '../../os/global-link.ts'

export interface LogLink {
  /** Returns the app's logger of this process, created when it is first used. */
  readonly logger: () => Logger
}

export const logLink = new GlobalLink<LogLink>('tsgun.log', 1, 'logger')
