// The entry of the watchdog thread of a worker. It sleeps, checks whether the main thread is alive, and
// reports to the arbiter when it is not; if the arbiter has exited it ends the process. It loads very little,
// keeps nothing waiting, and ends with the process.

import { once } from 'node:events'
import { parentPort, type MessagePort } from 'node:worker_threads'
import { Board } from '../../serving/connections/board.ts'
import { endOwnProcess } from '../../os/process/end-own.ts'
import { sendReport } from '../process/report.ts'
import { debugMainThread } from './debugger.ts'
import { examine, type Examination } from './examine.ts'
import { interrupt } from './interrupt.ts'
import { OrphanCheck } from './orphan-check.ts'
import { StuckCheck } from './stuck-check.ts'
import { Pulse, sharedNow } from './pulse.ts'
import type { WatchOrders } from './orders.ts'

// what the main thread of this process sends
const [orders] = (await once(port(), 'message')) as [WatchOrders]
const pulse = new Pulse(orders.pulse)
const stuckCheck = new StuckCheck(orders, sharedNow())
const examination: Examination = {
  ...orders,
  pulse,
  board: new Board(orders.board),
  interrupt: (within) => interrupt(debugMainThread(), within),
  send: sendReport,
}

const orphanCheck = new OrphanCheck(orders.master, sharedNow())
/** Milliseconds between two checks that look for the end of the master only. */
const interval = 250

void check(false)
if (orders.mayEnd) checkEnd()

function port(): MessagePort {
  if (parentPort === null) throw new Error('the watchdog runs in a thread of a worker')
  return parentPort
}

/** Apart from everything else: nothing may delay it. */
function checkEnd(): void {
  const left = pulse.endsAt - sharedNow()
  if (left > 0) return void setTimeout(checkEnd, Math.min(interval, left))
  endOwnProcess(`tsgun: process ${process.pid} ends: its lock could not be renewed in time`)
}

/** `reported`: the arbiter has the report of a stuck worker, and ends this process. */
async function check(reported: boolean): Promise<void> {
  const { phase, lastBeat, taskEndsAt, debugged } = pulse
  const orphaned = orphanCheck.check({ parent: process.ppid, lastBeat, debugged, now: sharedNow() })
  if (orphaned === 'stuck')
    return endOwnProcess(
      `tsgun: process ${process.pid} ends: its master has exited, and its event loop is blocked`,
    )
  const isSupervised = orphaned === 'supervised' && phase !== 'drain' && !reported
  const verdict = isSupervised
    ? stuckCheck.check({ phase, lastBeat, taskEndsAt, debugged, now: sharedNow() })
    : ({ type: 'wait', within: interval } as const)
  const examined = verdict.type === 'stuck' && (await examine(examination, verdict.silent))
  setTimeout(() => void check(reported || examined), verdict.type === 'wait' ? verdict.within : 1)
}
