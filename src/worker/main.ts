// The entry of a worker process. It takes the kernel's signals before anything else, sends `hello`, and waits
// for the arbiter's boot message.

import { environmentNames } from '../ipc/environment.ts'
import type { BootMessage } from '../ipc/messages.ts'
import { describeError } from '../logging/records/describe-error.ts'
import { codeOfSignal, ExitCalls, type EndingSignal } from '../os/program/exit-calls.ts'
import { ProgramEnd } from '../os/program/program-end.ts'
import { SignalGate } from '../os/program/signal-gate.ts'
import { systemClock } from '../os/system/clock.ts'
import type { PreloadTask } from '../sharing/manifest.ts'
import { createBootSteps } from './boot/boot.ts'
import { Certificates } from './boot/certificates.ts'
import { createClientLimit } from './boot/client-limit.ts'
import { bootSystem } from './boot/context.ts'
import { openChannel } from './process/channel.ts'
import { EarlyStart } from './boot/early-start.ts'
import { refuseClusterForks } from './process/cluster-forks.ts'
import { watchFaults } from './faults.ts'
import { InFlight } from './watchdog/in-flight.ts'
import { createLoader } from './development/loaded-files.ts'
import { WorkerLife } from './life/life.ts'
import { workerSystem } from './life/system.ts'
import { TaskContext } from '../tasks/model/task-context.ts'
import { openOutput, requireLogger, type Output } from './process/output.ts'
import { sendReport } from './process/report.ts'
import { ownResources } from './process/own-resources.ts'
import { delayReports, gateSignals } from './signals.ts'
import { exposeToWatchdog } from './watchdog/main-thread-calls.ts'
import { Watch } from './watchdog/watch.ts'

const exits = new ExitCalls(process)
const channel = openChannel(process)
const reportSignal = delayReports((signal) => void channel.send({ type: 'signal', signal }))
gateSignals(process, new SignalGate(process), reportSignal)
/** What a signal of the app to its own process does. */
const own: { onSignal: (signal: EndingSignal) => void } = {
  onSignal: (signal) => exits.exitNow(codeOfSignal(signal)),
}
exits.catchOwnSignals((signal) => own.onSignal(signal))

const early = environmentNames.early in process.env ? new EarlyStart(process) : undefined
const stopWaiting = [
  channel.onClosed(() => exits.exitNow(0)),
  channel.onMessage((first, handle) => {
    if (early?.takes(first, handle)) return
    if (first.type === 'boot' && first.preload) return void preload(first, first.preload)
    if (first.type !== 'boot')
      exits.exitNow(0) // ordered to end before it began
    else startLife(early?.complete(first) ?? first)
    // From here on the life handles messages and the end of the arbiter. Without any listener the channel
    // would not keep this process alive, and not be counted among its resources.
    for (const stop of stopWaiting) stop()
  }),
]
await channel.send({ type: 'hello' })

/** The end of the arbiter, or another order of it, still ends this process. */
async function preload(message: BootMessage, task: PreloadTask): Promise<void> {
  const { beginPreload } = await import('./preload/begin.ts')
  await beginPreload(message, task, { channel, exits })
}

function startLife(message: BootMessage): void {
  process.title = titleOf(message)
  // As under `node app.js`: the app, the config and its hooks find no word of tsgun.
  if (message.appPath !== null) process.argv = [process.argv[0] ?? '', message.appPath]
  const begun: { life?: WorkerLife } = {}
  const taskContext = message.task && new TaskContext()
  const output = openOutput(message, {
    fields: taskContext && (() => taskContext.fields()),
    loadLogger: requireLogger,
    onDropped: (log, lines) => void channel.send({ type: 'dropped', log, lines }),
  })
  const inFlight = new InFlight(() => begun.life?.serving, output.requests)
  const { settings } = message
  watchFaults(process, { output, requests: inFlight, exits, report: sendReport, settings })
  const watch = new Watch(
    message,
    {
      onDebugged: (on) => void channel.send({ type: 'debugged', on }),
      onTrouble: (reason) => output.log().warn(`this worker has no watchdog thread: ${reason}`),
    },
    early?.watchdog,
  )
  refuseClusterForks(process.argv[1], (text) => output.log().warn(text))
  const loader = createLoader(message, (seen) => void channel.send(seen), early?.hooks)
  const certificates = new Certificates(message, output)
  const clientLimit = createClientLimit(message, output, (report) => void channel.send(report))
  const boot = createBootSteps({
    message,
    output,
    loader,
    watch,
    system: bootSystem(process),
    certificates,
    clientLimit,
    taskContext,
  })
  const program = createProgramEnd(message, output)
  const system = workerSystem(process, exits, { program, shares: message.shared !== undefined })
  const life = new WorkerLife({
    message,
    channel,
    output,
    watch,
    loader,
    boot,
    inFlight,
    system,
    certificates,
    clientLimit,
  })
  begun.life = life
  own.onSignal = (signal) => void life.leave(signal)
  process.on('exit', () => life.processExits())
  exposeToWatchdog(life.calls)
  process.once('exit', () => life.exiting())
  // An error in here is an uncaught error like any other: watchFaults logs it, and Node ends the worker.
  channel.onMessage((order) => void life.apply(order))
  channel.onClosed(() => void life.disconnected())
  void life.start()
}

/** As `ps` shows it. */
function titleOf({ task, nr, settings: { proc_name, app } }: BootMessage): string {
  const name = task === undefined ? 'worker' : `task ${task.name}`
  return `tsgun: ${name} ${nr} [${proc_name ?? app ?? ''}]`
}

function createProgramEnd({ listeners }: BootMessage, output: Pick<Output, 'log'>): ProgramEnd {
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
