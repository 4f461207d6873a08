// Runs in a worker, or in each thread of one that serves by threads: builds the life of the worker from its
// boot message. What differs between a process and a thread is passed in.

import type { BootMessage, WorkerMessage } from '../ipc/messages.ts'
import type { FrameSink } from '../logging/pipe/frame-sink.ts'
import { describeError } from '../logging/records/describe-error.ts'
import type { ExitCalls } from '../os/program/exit-calls.ts'
import { ProgramEnd } from '../os/program/program-end.ts'
import { systemClock } from '../os/system/clock.ts'
import { TaskContext } from '../tasks/model/task-context.ts'
import { createBootSteps } from './boot/boot.ts'
import { Certificates } from './boot/certificates.ts'
import { createClientLimit } from './boot/client-limit.ts'
import { bootSystem, type BootSystem } from './boot/context.ts'
import { createLoader } from './development/loaded-files.ts'
import { watchFaults } from './faults.ts'
import type { Alarm } from './life/alarm.ts'
import { WorkerLife } from './life/life.ts'
import { workerSystem } from './life/system.ts'
import type { Channel } from './process/channel.ts'
import { refuseClusterForks } from './process/cluster-forks.ts'
import { openOutput, requireLogger, type OnDropped, type Output } from './process/output.ts'
import { ownResources } from './process/own-resources.ts'
import { InFlight } from './watchdog/in-flight.ts'
import { exposeToWatchdog } from './watchdog/main-thread-calls.ts'
import { Watch, type Watchdog } from './watchdog/watch.ts'

/** The process or the thread in which a life runs. */
export interface Place {
  readonly exits: ExitCalls
  readonly channel: Channel
  /** Sends a message without the channel. */
  readonly report: (message: WorkerMessage) => void
  readonly openSink: (onDropped: OnDropped) => FrameSink
  readonly startWatchdog: () => Watchdog
  readonly alarm: Alarm
  readonly takeOnIdentity?: BootSystem['takeOnIdentity']
  /** The hook thread, if it was started already. */
  readonly hooks?: Parameters<typeof createLoader>[2]
}

export function startLife(message: BootMessage, place: Place): WorkerLife {
  const { exits, channel, report } = place
  // As under `node app.js`: the app, the config and its hooks find no word of tsgun.
  if (message.appPath !== null) process.argv = [process.argv[0] ?? '', message.appPath]
  const begun: { life?: WorkerLife } = {}
  const taskContext = message.task && new TaskContext()
  const output = openOutput(message, {
    openSink: place.openSink,
    fields: taskContext && (() => taskContext.fields()),
    loadLogger: requireLogger,
    onDropped: (log, lines) => void channel.send({ type: 'dropped', log, lines }),
  })
  const inFlight = new InFlight(() => begun.life?.serving, output.requests)
  const { settings } = message
  const whole = message.task ? 'task' : message.thread === undefined ? 'worker' : 'thread'
  watchFaults(process, { output, requests: inFlight, exits, report, settings, whole })
  const watch = new Watch(
    message,
    {
      onDebugged: (on) => void channel.send({ type: 'debugged', on }),
      onTrouble: (reason) => output.log().warn(`this worker has no watchdog thread: ${reason}`),
    },
    place.startWatchdog,
  )
  refuseClusterForks(process.argv[1], (text) => output.log().warn(text))
  const loader = createLoader(message, (seen) => void channel.send(seen), place.hooks)
  const certificates = new Certificates(message, output)
  const clientLimit = createClientLimit(message, output, (change) => void channel.send(change))
  const boot = createBootSteps({
    message,
    output,
    loader,
    watch,
    system: bootSystem(process, place.takeOnIdentity),
    certificates,
    clientLimit,
    taskContext,
    reportLease: (until) => void channel.send({ type: 'lease', until }),
    reportRunning: () => void channel.send({ type: 'running' }),
    onBusUsed: () => void channel.send({ type: 'bus' }),
  })
  const system = workerSystem(process, exits, {
    program: createProgramEnd(message, output, exits),
    shares: message.shared !== undefined,
    alarm: place.alarm,
    report,
  })
  const parts = { message, channel, output, watch, loader, boot, inFlight, system, certificates, clientLimit }
  const life = new WorkerLife(parts)
  begun.life = life
  begin(life, channel)
  return life
}

function begin(life: WorkerLife, channel: Channel): void {
  process.on('exit', () => life.processExits())
  exposeToWatchdog(life.calls)
  process.once('exit', () => life.exiting())
  // An error in here is an uncaught error like any other: watchFaults logs it, and Node ends the worker.
  channel.onMessage((order) => void life.apply(order))
  channel.onClosed(() => void life.disconnected())
  void life.start()
}

function createProgramEnd(
  { listeners }: BootMessage,
  output: Pick<Output, 'log'>,
  exits: ExitCalls,
): ProgramEnd {
  return new ProgramEnd({
    process,
    exits,
    clock: systemClock,
    own: ownResources(process, listeners.length),
    onFailure: ({ event, error }) =>
      output
        .log()
        .error({ err: error }, `the app's listener of ${event} failed: ${describeError(error).message}`),
  })
}
