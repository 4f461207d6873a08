// Runs in the arbiter: opens the control socket of a server, if its settings ask for one.

import type { OpenControl } from '../arbiter/start/control-socket.ts'
import type { Settings } from '../config/settings/table.ts'
import type { ControlledServer } from './arbiter-target.ts'

/** `suffix`: behind the path, until it is promoted. Rejects with a BindError. */
export async function openControl(
  server: ControlledServer,
  {
    control_socket: path,
    control_socket_mode: mode,
  }: Pick<Settings, 'control_socket' | 'control_socket_mode'>,
  suffix = '',
): Promise<OpenControl | undefined> {
  if (path === null) return undefined
  const { controlTarget } = await import('./arbiter-target.ts') // with HTTP, which other servers do not need
  const { ControlServer } = await import('./server.ts')
  return ControlServer.open(controlTarget(server), { path, mode, suffix })
}
