// Runs in the arbiter that is a program with code of its own, whose working directory stays: the paths of the
// server's own files and sockets, which otherwise start at the working directory. Pure.

import { resolve } from 'node:path'
import type { Settings } from './table.ts'

/** `base`: the absolute `chdir`. */
export function withAbsolutePaths(settings: Settings, base: string): Settings {
  const { pidfile, control_socket, bind, services, schedules } = settings
  const file = (path: string): string => resolve(base, path)
  return {
    ...settings,
    ...withAbsoluteLogs(settings, base),
    services: mapValues(services, (service) => ({ ...service, ...withAbsoluteLogs(service, base) })),
    schedules: mapValues(schedules, (schedule) => ({ ...schedule, ...withAbsoluteLogs(schedule, base) })),
    pidfile: pidfile === null ? null : file(pidfile),
    control_socket: control_socket === null ? null : file(control_socket),
    bind: withAbsoluteSockets(bind, base),
  }
}

type Logs = Pick<Settings, 'accesslog' | 'errorlog' | 'applog'>

/** Those of the three that are there. */
export function withAbsoluteLogs(
  given: { readonly [Log in keyof Logs]?: Logs[Log] | undefined },
  base: string,
): Partial<Logs> {
  const file = (path: string): string => (path === '-' ? path : resolve(base, path))
  const absolute = (log: Logs['accesslog']): Logs['accesslog'] => {
    if (log === null) return null
    return typeof log === 'string' ? file(log) : { ...log, path: file(log.path) }
  }
  const { accesslog, errorlog, applog } = given
  return {
    ...(accesslog !== undefined && { accesslog: absolute(accesslog) }),
    ...(errorlog !== undefined && { errorlog: absolute(errorlog) }),
    ...(applog !== undefined && { applog: absolute(applog) }),
  }
}

function mapValues<Value>(
  record: Readonly<Record<string, Value>>,
  map: (value: Value) => Value,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
}

/** The same addresses; the paths of unix sockets start at the root. */
export function withAbsoluteSockets(bind: Settings['bind'], base: string): Settings['bind'] {
  const absolute = (address: string): string =>
    address.replace(
      /^((?:https?\+)?unix:)(.+)$/is,
      (_, form: string, path: string) => form + resolve(base, path),
    )
  return typeof bind === 'string' ? absolute(bind) : bind.map(absolute)
}
