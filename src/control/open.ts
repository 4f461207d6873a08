// Runs in the arbiter: opens the control socket of a server, if its settings ask for one.

import type { OpenControl } from '../arbiter/master-control.ts'
import { controlTarget } from './arbiter-target.ts'
import { ControlServer } from './server.ts'

export const openControl: OpenControl = async (server, { control_socket: path, control_socket_mode: mode }, suffix = '') => {
  return path === null ? undefined : ControlServer.open(controlTarget(server), { path, mode, suffix })
}
