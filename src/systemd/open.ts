// Runs in the arbiter: the notifier of a server that systemd, or whoever else speaks its protocol, has
// started; none for any other.

import { systemClock } from '../os/system/clock.ts'
import type { NativeCalls } from '../os/system/native.ts'
import { notificationSender } from '../os/system/notify.ts'
import { supervisorOptions } from './environment.ts'
import { Notifier } from './notifier.ts'
import { Outbox } from './outbox.ts'

export interface NotifierParts {
  readonly environment: NodeJS.ProcessEnv
  readonly native: NativeCalls | Error
  /** The new master of an upgrade. */
  readonly isSecond: boolean
  readonly warn: (message: string) => void
}

/** Undefined when nobody asks, and when nobody can be told; that is a warning. */
export function openNotifier({ environment, native, isSecond, warn }: NotifierParts): Notifier | undefined {
  const { socket, watchdog } = supervisorOptions(environment, process.pid, isSecond)
  if (socket === undefined) return undefined
  const complain = (error: Error): void =>
    warn(
      'cannot notify systemd (NOTIFY_SOCKET), which may end a start or a server that it hears nothing ' +
        `of: ${error.message}`,
    )
  const send = notificationSender(socket, native)
  if (!(send instanceof Error))
    return new Notifier({ outbox: new Outbox(send, complain), watchdog, isSecond, clock: systemClock })
  complain(send)
  return undefined
}
