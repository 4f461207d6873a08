// Runs in the arbiter: what it is made of. All of it can be replaced in a test.

import type { Listener } from '../listen/listener.ts'
import type { LogFiles } from '../logging/log-files.ts'
import type { Clock } from '../os/clock.ts'
import type { CommandQueue } from './commands.ts'
import type { Report } from './events.ts'
import type { Generation } from './generation.ts'
import type { GenerationSteps } from './generations.ts'

export interface ArbiterOptions {
  readonly queue: CommandQueue
  readonly clock: Clock
  readonly report: Report
  readonly logs: LogFiles
  readonly listeners: readonly Listener[]
  readonly version: string
  readonly first: Generation
  readonly steps: GenerationSteps
  /** The workers of the start serve. */
  readonly onReady: () => void
  /** A reload may change the level of the error log. */
  readonly onSettings: (generation: Generation) => void
}
