// What a launch knows besides the prepared server. Types only.

import type { EarlyWorkerParts } from '../arbiter/pool/process/early-worker.ts'
import type { Startup } from './startup.ts'
import type { SuccessorMessage } from './successor-message.ts'

export interface LaunchOptions {
  readonly version: string
  readonly startup: Startup
  readonly successor: SuccessorMessage
  /** Gets one line when the server serves. */
  readonly readyFd: number | undefined
  /** A process for the first worker, with what it has inherited. */
  readonly early: Omit<EarlyWorkerParts, 'native'> | undefined
}
