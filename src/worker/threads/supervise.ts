// Runs in the main thread of a worker of the class `threads`: what its supervisor needs of the process.

import { closeSync } from 'node:fs'
import { exitCodes } from '../../ipc/exit-codes.ts'
import { workerDescriptors } from '../../ipc/environment.ts'
import type { BootMessage } from '../../ipc/messages.ts'
import { endOwnProcess } from '../../os/process/end-own.ts'
import { takeOnIdentity } from '../../os/process/identity.ts'
import { waitForWrites } from '../../os/process/blocking-output.ts'
import type { ExitCalls } from '../../os/program/exit-calls.ts'
import { systemClock } from '../../os/system/clock.ts'
import { loadNative } from '../../os/system/native.ts'
import { setRow } from '../../os/system/shared-counters.ts'
import { systemAlarm } from '../life/alarm.ts'
import type { Channel } from '../process/channel.ts'
import { logPipeOf } from '../process/log-pipe-of.ts'
import { measureMemory } from '../process/memory.ts'
import { sendReport } from '../process/report.ts'
import { ServingThread } from './serving-thread.ts'
import { ThreadSupervisor } from './supervisor.ts'
import { ThreadWatch } from './thread-watch.ts'

export interface ProcessParts {
  readonly channel: Channel
  readonly exits: Pick<ExitCalls, 'exitNow'>
}

/** Milliseconds between two beats, at most. */
const longestInterval = 1000
/** Milliseconds that the arbiter has to end this process by force. */
const killPatience = 2000

export function superviseThreads(message: BootMessage, { channel, exits }: ProcessParts): void {
  for (const stream of [process.stdout, process.stderr]) waitForWrites(stream)
  const { durations, rows, listeners } = message
  const native = loadNative()
  const alarm = systemAlarm(() => native)
  const pipe = logPipeOf(message)((log, lines) => void channel.send({ type: 'dropped', log, lines }))
  const beats = new ProcessBeats(durations, alarm, () => supervisor.beat())
  const exit = (code: number): void => {
    pipe.queue?.wait(() => false)
    exits.exitNow(code)
  }
  if (native instanceof Error) {
    const reason = `worker_class "threads" needs koffi: ${native.message}`
    void channel
      .send({ type: 'boot_failed', failure: 'boot', error: { message: reason, stack: '' } })
      .then(() => exit(exitCodes.bootFailed.code))
    return
  }
  const supervisor = new ThreadSupervisor(message, {
    clock: systemClock,
    start: (index, handlers) =>
      new ServingThread(
        {
          ...message,
          thread: { index, count: message.threads },
          listeners: listeners.map((listener) => ({ ...listener, fd: native.dup(listener.fd) })),
        },
        { ...handlers, onFrame: ({ log, frame, lines }) => pipe.send(log, bufferOf(frame), lines) },
      ),
    watch: (options) => new ThreadWatch(options),
    takeOnIdentity: () => takeOnIdentity(message.identity),
    closeSockets: () => listeners.forEach(({ fd }) => closeSync(fd)),
    clearRow(index) {
      const row = rows[index]
      if (row !== undefined) setRow(workerDescriptors.counters, row, 0)
    },
    rss: () => measureMemory(0, message.shared !== undefined).rss,
    send: (report) => void channel.send(report),
    onReady: () => beats.start(),
    exit,
    kill() {
      pipe.queue?.wait(() => false)
      sendReport({ type: 'spent' })
      setTimeout(() => endOwnProcess('tsgun: a thread did not end in time'), killPatience).unref()
    },
  })
  if (durations.boot_timeout > 0 && !message.checkOnly) alarm.set(durations.boot_timeout)
  channel.onMessage((order) => supervisor.apply(order))
  channel.onClosed(() => {
    // The app cannot close the channel of the process: the master has exited.
    beats.stop()
    const within = durations.graceful_timeout
    alarm.set(within)
    supervisor.apply({ type: 'retire', within, last: true, reason: 'orphaned' })
  })
  supervisor.start()
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

/** Shows the arbiter that this process is alive, as the event loop of another worker does. */
class ProcessBeats {
  readonly #durations: BootMessage['durations']
  readonly #alarm: ReturnType<typeof systemAlarm>
  readonly #beat: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(durations: BootMessage['durations'], alarm: ReturnType<typeof systemAlarm>, beat: () => void) {
    this.#durations = durations
    this.#alarm = alarm
    this.#beat = beat
  }

  start(): void {
    const { timeout, graceful_timeout } = this.#durations
    const interval = timeout === 0 ? longestInterval : Math.min(longestInterval, timeout / 4)
    const beat = (): void => {
      this.#beat()
      if (timeout > 0) this.#alarm.set(timeout + graceful_timeout)
    }
    this.#alarm.cancel() // that of the boot
    beat()
    this.#timer = setInterval(beat, interval)
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
