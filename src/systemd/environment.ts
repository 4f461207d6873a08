// Runs in the arbiter: what systemd asks of it by environment variables (sd_notify(3),
// sd_watchdog_enabled(3)). Pure.

import { supervisorNames } from '../ipc/environment.ts'

export interface Wishes {
  /** Where notifications go; undefined when nobody asks for any. */
  readonly socket: string | undefined
  /** Milliseconds after which a master that is silent is killed; undefined without a watchdog. */
  readonly watchdog: number | undefined
}

/** `isSecond`: the new master of an upgrade, whose environment is that of the old one. */
export function wishesOf(environment: NodeJS.ProcessEnv, pid: number, isSecond: boolean): Wishes {
  const socket = environment[supervisorNames.notifySocket]
  const owner = environment[supervisorNames.watchdogPid]
  const isOurs = isSecond || owner === undefined || owner === '' || owner === String(pid)
  const microseconds = Number(environment[supervisorNames.watchdogTime])
  return {
    socket: socket === '' ? undefined : socket,
    watchdog: isOurs && microseconds > 0 && Number.isFinite(microseconds) ? microseconds / 1000 : undefined,
  }
}
