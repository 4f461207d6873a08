// Runs in a worker: opens what it needs to spread connections with its siblings. Where one of the parts is
// missing it accepts whenever it can, as all workers then do.

import { workerDescriptors } from '../../ipc/environment.ts'
import type { BootMessage } from '../../ipc/messages.ts'
import { openAcceptQueue } from '../../os/system/accept-queue.ts'
import { mapCounters } from '../../os/system/shared-counters.ts'
import { Loads } from '../../serving/accept/loads.ts'
import { Turns } from '../../serving/accept/turns.ts'
import type { ServeOptions } from '../../serving/classes/worker-class.ts'

/** `onNone`: called with the reason why connections are not spread. */
export function turnsOf(
  { rows: own, workers, thread, checkOnly }: BootMessage,
  onNone: (reason: string) => void,
): ServeOptions['turns'] {
  if (checkOnly) return undefined
  const row = own[thread?.index ?? 0]
  const rows =
    row === undefined ? new Error('/dev/shm cannot be used') : mapCounters(workerDescriptors.counters)
  const queue = openAcceptQueue()
  const missing = [rows, queue].find((part) => part instanceof Error)
  if (missing && workers * (thread?.count ?? 1) > 1) onNone(missing.message)
  if (row === undefined || rows instanceof Error || queue instanceof Error) return undefined
  const loads = new Loads(rows, row)
  return (load) => new Turns({ queue, loads, load })
}
