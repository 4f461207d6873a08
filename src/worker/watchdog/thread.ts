// The entry of the watchdog thread of a worker. It sleeps, checks whether the main thread is alive, and
// reports to the arbiter when it is not. It loads very little, keeps nothing waiting, and ends with the
// process.

import { writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { workerDescriptors } from '../../ipc/environment.ts'
import { seal, type WorkerMessage } from '../../ipc/messages.ts'
import { Board } from '../../serving/connections/board.ts'
import { examine, type Examination } from './examine.ts'
import { StuckCheck } from './stuck-check.ts'
import { Pulse, sharedNow } from './pulse.ts'
import type { WatchOrders } from './orders.ts'

const orders = workerData as WatchOrders // the main thread of this process has made it
const pulse = new Pulse(orders.pulse)
const stuckCheck = new StuckCheck(orders, sharedNow())
const examination: Examination = { ...orders, pulse, board: new Board(orders.board), send }

void check()

async function check(): Promise<void> {
  const { phase, lastBeat, debugged } = pulse
  if (phase === 'off') return
  const verdict = stuckCheck.check({ phase, lastBeat, debugged, now: sharedNow() })
  if (verdict.type === 'stuck' && (await examine(examination, verdict.silent))) return
  setTimeout(() => void check(), verdict.type === 'wait' ? verdict.within : 1)
}

/** The pipe has no other writer and holds more than any report, so this does not wait. */
function send(message: WorkerMessage): void {
  writeSync(workerDescriptors.report, `${JSON.stringify(seal(message))}\n`)
}
