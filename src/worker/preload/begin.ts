// Runs in the short-lived process of preload(): its surroundings, which are those of a worker: the code of
// the generation, the logs, and a watchdog that reports where it hangs.

import type { BootMessage } from '../../ipc/messages.ts'
import type { ExitCalls } from '../../os/program/exit-calls.ts'
import { takeOnIdentity } from '../../os/process/identity.ts'
import type { PreloadTask } from '../../sharing/manifest.ts'
import { createLoader } from '../development/loaded-files.ts'
import { watchFaults } from '../faults.ts'
import type { Channel } from '../process/channel.ts'
import { logPipeOf } from '../process/log-pipe-of.ts'
import { openOutput, requireLogger } from '../process/output.ts'
import { sendReport } from '../process/report.ts'
import { exposeToWatchdog } from '../watchdog/main-thread-calls.ts'
import { describeMainThread } from '../watchdog/main-thread-state.ts'
import { InFlight } from '../watchdog/in-flight.ts'
import { startWatchdogThread } from '../watchdog/start-thread.ts'
import { Watch } from '../watchdog/watch.ts'
import { runPreload } from './run.ts'

export function beginPreload(
  message: BootMessage,
  task: PreloadTask,
  { channel, exits }: { readonly channel: Channel; readonly exits: ExitCalls },
): Promise<void> {
  const { settings } = message
  process.title = `tsgun: preload [${settings.proc_name ?? settings.app ?? ''}]`
  if (message.appPath !== null) process.argv = [process.argv[0] ?? '', message.appPath]
  const output = openOutput(message, {
    openSink: logPipeOf(message),
    loadLogger: requireLogger,
    onDropped: (log, lines) => void channel.send({ type: 'dropped', log, lines }),
  })
  const inFlight = new InFlight(() => undefined, output.requests)
  watchFaults(process, { output, requests: inFlight, exits, report: sendReport, settings })
  const watch = new Watch(
    message,
    {
      onDebugged: () => undefined,
      onTrouble: (reason) => output.log().warn(`this process has no watchdog thread: ${reason}`),
    },
    startWatchdogThread,
  )
  exposeToWatchdog({
    describe: () => describeMainThread(inFlight),
    writeLast: () => output.finish(),
    abort: () => undefined, // the master ends this process
  })
  return runPreload({
    message,
    task,
    watch,
    takeOnIdentity,
    loader: createLoader({ ...message, settings: { ...settings, reload: false } }, () => undefined),
    send: (report) => channel.send(report),
    finish: () => output.finish(),
    exit: exits.exitNow,
  })
}
