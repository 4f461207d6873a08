// Runs in a worker: the end after its channel to the arbiter was closed. No process supervises the worker any
// more, so its time limit is set here.

import { exitCodes } from '../../ipc/exit-codes.ts'
import { wait } from '../../os/system/clock.ts'
import type { Beats } from './beats.ts'
import type { Endings } from './endings.ts'
import { alarmMargin } from './alarm.ts'
import type { LifeOptions } from './options.ts'

/** Milliseconds after which the system has given a process without a parent a new one. */
const reparenting = 100

export interface Disconnected {
  readonly options: LifeOptions
  readonly beats: Beats
  readonly endings: Endings
  /** The pid of the master that started this worker. */
  readonly master: number
}

/** Finishes what is open, whether the master has exited or the app has closed the channel. */
export async function endAfterDisconnect({ options, beats, endings, master }: Disconnected): Promise<void> {
  const { message, output, system, watch } = options
  const { graceful_timeout: within } = message.durations
  beats.stop()
  watch.end()
  endLatestIn(options, within)
  await wait(system.clock, reparenting)
  if (system.parent() !== master) return endings.drain({ within, last: true, reason: 'orphaned' })
  beats.reportLast()
  system.report({ type: 'disconnected' })
  output
    .log()
    .error(
      'the app has closed the channel to the master (process.disconnect): this worker ends, and is replaced',
    )
  await endings.drain({ within, last: false, reason: 'disconnected', code: exitCodes.disconnected.code })
}

/** Ends the process after this many milliseconds and a margin, even if its event loop is blocked. */
function endLatestIn({ system }: LifeOptions, milliseconds: number): void {
  system.alarm.set(milliseconds)
  const wholeSeconds = Math.ceil(milliseconds / 1000) * 1000
  system.background.after(wholeSeconds + alarmMargin - 1000, () => system.exit(1))
}
