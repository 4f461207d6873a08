// The entry of a worker process. It takes the kernel's signals before anything else, sends `hello`, and waits
// for the arbiter's boot message.

import { environmentNames } from '../ipc/environment.ts'
import type { BootMessage } from '../ipc/messages.ts'
import { codeOfSignal, ExitCalls, type EndingSignal } from '../os/program/exit-calls.ts'
import { SignalGate } from '../os/program/signal-gate.ts'
import type { PreloadTask } from '../sharing/manifest.ts'
import { EarlyStart } from './boot/early-start.ts'
import { systemAlarm } from './life/alarm.ts'
import { openChannel } from './process/channel.ts'
import { logPipeOf } from './process/log-pipe-of.ts'
import { sendReport } from './process/report.ts'
import { delayReports, gateSignals } from './signals.ts'
import { startLife } from './start-life.ts'
import { startWatchdogThread } from './watchdog/start-thread.ts'
import { needsWatchdog } from './watchdog/watch.ts'

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
    else start(early?.complete(first) ?? first)
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

function start(message: BootMessage): void {
  process.title = titleOf(message)
  if (message.threads > 0) return void startThreads(message)
  if (!needsWatchdog(message)) void early?.watchdog.terminate()
  const life = startLife(message, {
    exits,
    channel,
    report: sendReport,
    openSink: logPipeOf(message),
    startWatchdog: () => early?.watchdog ?? startWatchdogThread(),
    alarm: systemAlarm(),
    hooks: early?.hooks,
  })
  own.onSignal = (signal) => void life.leave(signal)
}

/** Its threads serve; nothing of the user runs in this one. */
async function startThreads(message: BootMessage): Promise<void> {
  void early?.watchdog.terminate()
  const { superviseThreads } = await import('./threads/supervise.ts')
  superviseThreads(message, { channel, exits })
}

/** As `ps` shows it. */
function titleOf({ task, nr, settings: { proc_name, app } }: BootMessage): string {
  const name = task === undefined ? 'worker' : `task ${task.name}`
  return `tsgun: ${name} ${nr} [${proc_name ?? app ?? ''}]`
}
