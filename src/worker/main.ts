// The entry of a worker process. It takes the kernel's signals before anything else, sends `hello`, and waits
// for the arbiter's boot message.

import { environmentNames } from '../ipc/environment.ts'
import type { BootMessage } from '../ipc/messages.ts'
import { ExitCalls } from '../os/program/exit-calls.ts'
import { SignalGate } from '../os/program/signal-gate.ts'
import type { PreloadTask } from '../sharing/manifest.ts'
import { EarlyStart } from './boot/early-start.ts'
import { systemAlarm } from './life/alarm.ts'
import { OwnSignals } from './own-signals.ts'
import { openChannel } from './process/channel.ts'
import { logPipeOf } from './process/log-pipe-of.ts'
import { processName } from './process/name.ts'
import { sendReport } from './process/report.ts'
import { delayReports, gateSignals } from './signals.ts'
import { startLife } from './start-life.ts'
import { startWatchdogThread } from './watchdog/start-thread.ts'
import { needsWatchdog } from './watchdog/watch.ts'

const exits = new ExitCalls(process)
const channel = openChannel(process)
const reportSignal = delayReports((signal) => void channel.send({ type: 'signal', signal }))
gateSignals(process, new SignalGate(process), reportSignal)
const own = new OwnSignals(exits)

const early = environmentNames.early in process.env ? new EarlyStart(process) : undefined
const stopWaiting = [
  channel.onClosed(() => exits.exitNow(0)),
  channel.onMessage((first, handle) => {
    if (early?.takes(first, handle)) return
    if (first.type === 'boot' && first.preload) return void preload(first, first.preload)
    if (first.type !== 'boot') return exits.exitNow(0) // ordered to end before it began
    const message = early?.complete(first) ?? first
    process.title = titleOf(message)
    if (message.threads > 0) void startThreads(message)
    else start(message)
  }),
]
await channel.send({ type: 'hello' })

/** The end of the arbiter, or another order of it, still ends this process. */
async function preload(message: BootMessage, task: PreloadTask): Promise<void> {
  const { beginPreload } = await import('./preload/begin.ts')
  await beginPreload(message, task, { channel, exits })
}

function start(message: BootMessage): void {
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
  own.passTo((signal) => void life.leave(signal))
  stopListening()
}

/** Its threads serve; nothing of the user runs in this one. An order that comes before still ends it. */
async function startThreads(message: BootMessage): Promise<void> {
  void early?.watchdog.terminate()
  const { superviseThreads } = await import('./threads/supervise.ts')
  superviseThreads(message, { channel, exits })
  stopListening()
}

/**
 * From here on others handle messages and the end of the arbiter. Without any listener the channel would not
 * keep this process alive, and not be counted among its resources.
 */
function stopListening(): void {
  for (const stop of stopWaiting) stop()
}

/** As `ps` shows it. */
function titleOf(message: BootMessage): string {
  const { proc_name, app } = message.settings
  return `tsgun: ${processName(message)} [${proc_name ?? app ?? ''}]`
}
