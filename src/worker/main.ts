// The entry of a worker process. It listens to signals before anything else, sends `hello`, and waits for the
// arbiter's boot message.

import type { BootMessage } from '../ipc/messages.ts'
import { createBootSteps } from './boot/boot.ts'
import { bootSystem } from './boot/context.ts'
import { openChannel } from './process/channel.ts'
import { refuseClusterForks } from './process/cluster-forks.ts'
import { watchFaults } from './faults.ts'
import { InFlight } from './watchdog/in-flight.ts'
import { createLoader } from './development/loaded-files.ts'
import { WorkerLife } from './life/life.ts'
import { workerSystem } from './life/system.ts'
import { openOutput, requireLogger } from './process/output.ts'
import { ignoreSignals } from './signals.ts'
import { exposeToWatchdog } from './watchdog/main-thread-calls.ts'
import { Watch } from './watchdog/watch.ts'

// Until there is a log a signal is ignored without a record.
const signals: { onSignal: (signal: string) => void } = { onSignal: () => undefined }
ignoreSignals(process, (signal) => signals.onSignal(signal))

const channel = openChannel(process)
const stopWaiting = [
  channel.onClosed(() => process.exit(0)),
  channel.onMessage((first) => {
    // from here on the life handles messages and the end of the arbiter
    for (const stop of stopWaiting) stop()
    if (first.type === 'boot') startLife(first)
    else process.exit(0) // ordered to end before it began
  }),
]
await channel.send({ type: 'hello' })

function startLife(message: BootMessage): void {
  process.title = `tsgun: worker ${message.nr} [${message.settings.proc_name ?? message.settings.app ?? ''}]`
  // As under `node app.js`: the app, the config and its hooks find no word of tsgun.
  if (message.appPath !== null) process.argv = [process.argv[0] ?? '', message.appPath]
  const begun: { life?: WorkerLife } = {}
  const output = openOutput(message, {
    loadLogger: requireLogger,
    onDropped: (log, lines) => void channel.send({ type: 'dropped', log, lines }),
  })
  const inFlight = new InFlight(() => begun.life?.serving, output.requests)
  watchFaults(process, output, inFlight)
  const watch = new Watch(message, {
    onDebugged: (on) => void channel.send({ type: 'debugged', on }),
    onTrouble: (reason) => output.log().warn(`this worker has no watchdog thread: ${reason}`),
  })
  signals.onSignal = (signal) =>
    output
      .log()
      .info(`a worker does not act on signals: ${signal} ignored; send it to the master, ${process.ppid}`)
  refuseClusterForks(process.argv[1], (text) => output.log().warn(text))
  const loader = createLoader(message, (seen) => void channel.send(seen))
  const boot = createBootSteps({ message, output, loader, watch, system: bootSystem(process) })
  const life = new WorkerLife({
    message,
    channel,
    output,
    watch,
    loader,
    boot,
    inFlight,
    system: workerSystem(process),
  })
  begun.life = life
  exposeToWatchdog(life.calls)
  process.once('exit', () => life.exiting())
  // An error in here is an uncaught error like any other: watchFaults logs it, and Node ends the worker.
  channel.onMessage((order) => void life.apply(order))
  channel.onClosed(() => void life.disconnected())
  void life.start()
}
