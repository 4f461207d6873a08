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
import { loadNative, type NativeCalls } from '../../os/system/native.ts'
import { setRow } from '../../os/system/shared-counters.ts'
import { systemAlarm } from '../life/alarm.ts'
import type { Channel } from '../process/channel.ts'
import { logPipeOf } from '../process/log-pipe-of.ts'
import { measureMemory } from '../process/memory.ts'
import { sendReport } from '../process/report.ts'
import { DebuggerCheck } from '../watchdog/debugger-check.ts'
import { ProcessBeats } from './process-beats.ts'
import { ServingThread } from './serving-thread.ts'
import { ThreadSupervisor, type ThreadSystem } from './supervisor.ts'
import { ThreadWatch } from './thread-watch.ts'

export interface ProcessParts {
  readonly channel: Channel
  readonly exits: Pick<ExitCalls, 'exitNow'>
}

/** Milliseconds that the arbiter has to end this process by force. */
const killPatience = 2000

export function superviseThreads(message: BootMessage, { channel, exits }: ProcessParts): void {
  for (const stream of [process.stdout, process.stderr]) {
    waitForWrites(stream)
    stream.on('error', () => undefined) // the master has exited, and the channel says so
  }
  const { durations, checkOnly } = message
  const native = loadNative()
  const alarm = systemAlarm(() => native)
  const debuggers = new DebuggerCheck((on) => void channel.send({ type: 'debugged', on }))
  const beats = new ProcessBeats(durations, alarm, () => {
    debuggers.check()
    supervisor.beat()
  })
  const system = threadSystem(message, { channel, exits, native, onReady: () => beats.start() })
  if (native instanceof Error) return refuse(system, native)
  const supervisor = new ThreadSupervisor(message, system)
  if (durations.boot_timeout > 0 && !checkOnly) alarm.set(durations.boot_timeout)
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

/** Each thread needs descriptors of its own for the sockets. */
function refuse({ send, exit }: ThreadSystem, { message: reason }: Error): void {
  const message = `worker_class "threads" needs koffi: ${reason}`
  send({ type: 'boot_failed', failure: 'boot', error: { message, stack: '' } })
  exit(exitCodes.bootFailed.code)
}

interface SystemParts extends ProcessParts {
  readonly native: NativeCalls | Error
  readonly onReady: () => void
}

function threadSystem(message: BootMessage, { channel, exits, native, onReady }: SystemParts): ThreadSystem {
  const { rows, listeners, threads: count, identity, shared } = message
  const pipe = logPipeOf(message)((log, lines) => void channel.send({ type: 'dropped', log, lines }))
  let sent = Promise.resolve()
  const duplicate = (fd: number): number => (native instanceof Error ? fd : native.dup(fd))
  return {
    clock: systemClock,
    start: (index, handlers) =>
      new ServingThread(
        {
          ...message,
          thread: { index, count },
          listeners: listeners.map((listener) => ({ ...listener, fd: duplicate(listener.fd) })),
        },
        {
          ...handlers,
          onFrame: ({ log, frame, lines }) => pipe.send(log, bufferOf(frame), lines),
          onPrint: ({ stream, chunk }) => void process[stream].write(chunk),
        },
      ),
    watch: (options) => new ThreadWatch(options),
    takeOnIdentity: () => takeOnIdentity(identity),
    closeSockets: () => listeners.forEach(({ fd }) => closeSync(fd)),
    clearRow(index) {
      const row = rows[index]
      if (row !== undefined) setRow(workerDescriptors.counters, row, 0)
    },
    rss: () => measureMemory(0, shared !== undefined).rss,
    send: (report) => void (sent = channel.send(report)),
    onReady,
    exit(code) {
      pipe.queue?.wait(() => false)
      void sent.then(() => exits.exitNow(code))
    },
    kill() {
      pipe.queue?.wait(() => false)
      sendReport({ type: 'spent' })
      setTimeout(() => endOwnProcess('tsgun: a thread did not end in time'), killPatience).unref()
    },
  }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
