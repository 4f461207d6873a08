// Runs in the arbiter: opens the control socket of a server, if its settings ask for one.

import type { OpenControl } from '../arbiter/start/control-life.ts'

export const openControl: OpenControl = async (
  server,
  { control_socket: path, control_socket_mode: mode },
  suffix = '',
) => {
  if (path === null) return undefined
  // with HTTP, which costs a master without a control socket nothing
  const { controlTarget } = await import('./arbiter-target.ts')
  const { ControlServer } = await import('./server.ts')
  return ControlServer.open(controlTarget(server), { path, mode, suffix })
}
