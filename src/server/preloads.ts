// Runs in the arbiter: preload() of each generation among the other parts of the server.

import { Preloads } from '../arbiter/preload/preloads.ts'
import { workerStarter } from '../arbiter/pool/process/worker-process.ts'
import { systemClock } from '../os/system/clock.ts'
import type { NativeCalls } from '../os/system/native.ts'
import { loadSharedMemory } from '../os/system/shared-memory.ts'
import type { Prepared } from './prepare.ts'
import type { Reports } from './reports.ts'
import type { Undo } from './undo.ts'

export interface PreloadSurroundings {
  readonly version: string
  readonly prepared: Pick<Prepared, 'bus'>
  readonly reports: Pick<Reports, 'logs'>
  readonly native: NativeCalls | Error
}

export function composePreloads(
  { version, prepared, reports, native }: PreloadSurroundings,
  undo: Undo,
): Preloads {
  const { bus } = prepared
  const { logs } = reports
  const preloads = new Preloads({
    native,
    startWorker: workerStarter(logs),
    clock: systemClock,
    emit: bus.emit,
    loadMemory: loadSharedMemory,
    facts: () => ({
      version,
      color: { error: logs.isTerminal('error'), app: logs.isTerminal('app') },
    }),
  })
  undo.add(() => preloads.close())
  // A signal that stops the start comes before there is such an event.
  bus.subscribe(({ type }) => {
    if (type === 'stopping') preloads.stop()
  })
  return preloads
}
