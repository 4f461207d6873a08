// What a launch knows besides the prepared server. Types only.

import type { EarlyProcess } from '../os/process/early-process.ts'
import type { Startup } from './startup.ts'
import type { SuccessorMessage } from './successor-message.ts'

export interface LaunchOptions {
  readonly version: string
  readonly startup: Startup
  readonly successor: SuccessorMessage
  /** Gets one line when the server serves. */
  readonly readyFd: number | undefined
  /** A process for the first worker. */
  readonly early: EarlyProcess | undefined
}
