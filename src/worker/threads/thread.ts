// The entry of a thread that serves. It is a worker of its own in all but its process: it loads config and
// app, runs the hooks, and gets the orders of the arbiter from the main thread, which does what only a
// process can do.

import { once } from 'node:events'
import { parentPort, type MessagePort } from 'node:worker_threads'
import { ExitCalls } from '../../os/program/exit-calls.ts'
import type { WorkerMessage } from '../../ipc/messages.ts'
import { OwnSignals } from '../own-signals.ts'
import { startLife } from '../start-life.ts'
import { FramePort } from './frame-port.ts'
import type { FromThread, ThreadStart } from './messages.ts'
import { postOutput } from './thread-output.ts'
import { threadChannel, waitForIdentity } from './thread-channel.ts'

const exits = new ExitCalls(process)
const own = new OwnSignals(exits)

const [{ boot, port, unwritten }] = (await once(main(), 'message')) as [ThreadStart] // of the same version
const post = (message: FromThread): void => port.postMessage(message)
const send = (message: WorkerMessage): void => post({ kind: 'message', message })

postOutput(post, unwritten.output)

const life = startLife(boot, {
  exits,
  channel: threadChannel(port, send),
  report: send,
  openSink: (onDropped) => new FramePort(post, unwritten.frames, boot.settings.log_buffer, onDropped),
  startWatchdog: () => ({
    postMessage: (orders) => post({ kind: 'watch', orders }),
    on: () => undefined, // without the main thread there is no process
  }),
  alarm: { set: () => undefined, cancel: () => undefined }, // that of the process belongs to the main thread
  takeOnIdentity() {
    post({ kind: 'identity' })
    return waitForIdentity(port)
  },
})
own.passTo((signal) => void life.leave(signal))

/** Without a listener it does not keep the thread alive. */
function main(): MessagePort {
  if (parentPort === null) throw new Error('this file is the entry of a thread')
  return parentPort
}
