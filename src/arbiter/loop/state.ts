// What orders and deaths change of the server. Types only.

import type { ServerView } from '../../config/hooks/views.ts'
import type { Reload } from '../reload/reload.ts'
import type { Stop } from '../stop/stop.ts'
import type { Pools } from './pools.ts'
import type { StartPhase } from './start-phase.ts'

export interface ArbiterState {
  readonly view: ServerView
  readonly pools: Pools
  readonly reload: Reload
  readonly stop: Stop
  readonly start: StartPhase
}
