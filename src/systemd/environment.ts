// Runs in the arbiter: reads the environment variables of systemd (sd_notify(3), sd_watchdog_enabled(3)).
// Pure.

import { supervisorNames } from '../ipc/environment.ts'

export interface SupervisorOptions {
  /** The socket for notifications; undefined when none are requested. */
  readonly socket: string | undefined
  /** Milliseconds without a notification until systemd ends the service; undefined without a watchdog. */
  readonly watchdog: number | undefined
}

/** `isSecond`: this is the new arbiter of an upgrade, with the environment of the old one. */
export function supervisorOptions(
  environment: NodeJS.ProcessEnv,
  pid: number,
  isSecond: boolean,
): SupervisorOptions {
  const socket = environment[supervisorNames.notifySocket]
  const owner = environment[supervisorNames.watchdogPid]
  const isOurs = isSecond || owner === undefined || owner === '' || owner === String(pid)
  const microseconds = Number(environment[supervisorNames.watchdogTime])
  return {
    socket: socket === '' ? undefined : socket,
    watchdog: isOurs && microseconds > 0 && Number.isFinite(microseconds) ? microseconds / 1000 : undefined,
  }
}
