// Runs in the main thread of a worker of the class `threads`: regular reports to the arbiter that show that
// this process is alive, as those of a worker whose main thread serves. Each one resets the alarm.

import type { Durations } from '../../config/settings/durations.ts'
import type { Alarm } from '../life/alarm.ts'
import { beatInterval } from '../life/beats.ts'

export class ProcessBeats {
  readonly #durations: Pick<Durations, 'timeout' | 'graceful_timeout'>
  readonly #alarm: Alarm
  readonly #beat: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(durations: Pick<Durations, 'timeout' | 'graceful_timeout'>, alarm: Alarm, beat: () => void) {
    this.#durations = durations
    this.#alarm = alarm
    this.#beat = beat
  }

  start(): void {
    const { timeout, graceful_timeout } = this.#durations
    const beat = (): void => {
      this.#beat()
      if (timeout > 0) this.#alarm.set(timeout + graceful_timeout)
    }
    this.#alarm.cancel() // that of the boot
    beat()
    this.#timer = setInterval(beat, beatInterval(timeout))
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
