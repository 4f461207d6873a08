// Runs in the arbiter: opens the notifier of a server that was started by systemd, or by another supervisor
// with the same protocol.

import { messageOf } from '../os/error-message.ts'
import { systemClock } from '../os/system/clock.ts'
import type { NativeCalls } from '../os/system/native.ts'
import { supervisorOptions } from './environment.ts'
import type { Notifier } from './notifier.ts'

export interface NotifierParts {
  readonly environment: NodeJS.ProcessEnv
  readonly native: NativeCalls | Error
  /** This is the new arbiter of an upgrade. */
  readonly isSecond: boolean
  readonly warn: (message: string) => void
}

/** Undefined without a supervisor, and when it cannot be notified; the latter is a warning. */
export async function openNotifier({
  environment,
  native,
  isSecond,
  warn,
}: NotifierParts): Promise<Notifier | undefined> {
  const { socket, watchdog } = supervisorOptions(environment, process.pid, isSecond)
  if (socket === undefined) return undefined
  const { notificationSender } = await import('../os/system/notify.ts') // other servers do not need these
  const { Notifier } = await import('./notifier.ts')
  const { Outbox } = await import('./outbox.ts')
  const complain = (error: Error): void =>
    warn(
      'cannot notify systemd (NOTIFY_SOCKET), which may end a start or a server that it hears nothing ' +
        `of: ${messageOf(error)}`,
    )
  const send = notificationSender(socket, native)
  if (!(send instanceof Error))
    return new Notifier({ outbox: new Outbox(send, complain), watchdog, isSecond, clock: systemClock })
  complain(send)
  return undefined
}
