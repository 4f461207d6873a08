// Runs in the arbiter: the server as its hooks see it. Each property is read when a hook asks for it, and
// none can be written.

import type { ServerView, SlotView } from '../../config/hooks/views.ts'
import type { LogFiles } from '../../logging/files/log-files.ts'
import type { Slots } from '../pool/backoff.ts'
import type { Generation } from './generation.ts'
import type { WorkerRecord } from './worker-record.ts'
import { viewOf } from '../pool/workforce.ts'

export interface ServerState {
  readonly target: () => number
  readonly generation: () => Generation
  readonly workers: () => readonly WorkerRecord[]
  readonly slots: Pick<Slots, 'histories' | 'isLooping' | 'lastError'>
}

export interface ServerFacts {
  readonly version: string
  readonly logs: Pick<LogFiles, 'views'>
}

export function createServerView(
  { version, logs }: ServerFacts,
  { target, generation, workers, slots }: ServerState,
): ServerView {
  return {
    pid: process.pid,
    version,
    get listeners() {
      return generation().listeners.map(({ url }) => url)
    },
    get settings() {
      return generation().config.settings
    },
    get num_workers() {
      return target()
    },
    get generation() {
      return generation().number
    },
    get workers() {
      return workers().map((worker) => viewOf(worker))
    },
    get slots() {
      return Array.from({ length: target() }, (_, nr) => slotView(nr, workers(), slots))
    },
    get logs() {
      return logs.views()
    },
  }
}

function slotView(nr: number, workers: readonly WorkerRecord[], slots: ServerState['slots']): SlotView {
  const isReady = workers.some((worker) => worker.nr === nr && worker.state === 'ready')
  return {
    nr,
    state: slots.isLooping(nr) ? 'crash-loop' : isReady ? 'ready' : 'starting',
    failures: slots.histories.get(nr)?.failures ?? 0,
    last_error: slots.lastError(nr),
  }
}
