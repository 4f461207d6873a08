// What `plan` decides from, and what it decides. Types only: pool/plan.ts has the rules, pool/pool.ts carries
// the actions out.

import type { SlotHistory } from './slot.ts'
import type { ExitReason, WorkerRecord } from './worker-record.ts'

export type Action =
  | { readonly type: 'spawn'; readonly nr: number }
  | { readonly type: 'retire'; readonly age: number; readonly reason: ExitReason }
  | { readonly type: 'abort'; readonly age: number }
  | { readonly type: 'kill'; readonly age: number }

export interface Situation {
  readonly workers: readonly WorkerRecord[]
  /** How many workers there should be: slots 0 to target - 1. */
  readonly target: number
  /** The generation that every slot should have. */
  readonly generation: number
  readonly slots: ReadonlyMap<number, SlotHistory>
  /** A process ends before the one that replaces it starts. */
  readonly stopsFirst: boolean
  /** While it is set no worker is started or replaced: only deadlines count. */
  readonly stopping: boolean
  readonly now: number
}
