// Runs in the arbiter: the listening sockets of the server, by the settings that only a restart changes.

import type { Emit } from '../arbiter/model/events.ts'
import type { LoadedConfig } from '../config/load.ts'
import { formatAddress } from '../listen/address.ts'
import { ListenSockets } from '../listen/listen-sockets.ts'
import { callsOf, type NativeCalls } from '../os/system/native.ts'
import type { Startup } from './startup.ts'

export interface SocketOptions {
  readonly config: LoadedConfig
  readonly native: NativeCalls | Error
  readonly startup: Startup
  readonly emit: Emit
  /** During an upgrade another arbiter has the same sockets. */
  readonly isShared: () => boolean
}

/** Throws a BindError when a socket that this process was started with is not usable. */
export function createSockets({ config, native, startup, emit, isShared }: SocketOptions): ListenSockets {
  const { settings, identity } = config
  if (native instanceof Error) emit({ type: 'system_calls_missing', reason: native.message })
  return new ListenSockets(
    {
      backlog: settings.backlog,
      umask: settings.umask,
      owner: identity,
      native: callsOf(native),
      onRetry: (address, triesLeft) =>
        emit({ type: 'address_in_use', address: formatAddress(address), triesLeft }),
      warn: (message) => emit({ type: 'warning', message }),
      isShared,
    },
    startup.predecessor?.sockets ?? startup.activated,
  )
}

/** The last of two arbiters removes the files of both. */
export function endSockets(listeners: ListenSockets): void {
  listeners.closeAll()
  if (!listeners.areShared) listeners.removeLeftFiles()
}
