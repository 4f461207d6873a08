// Runs in the arbiter that is a program with code of its own, whose working directory stays: the paths of the
// server's own files and sockets, which otherwise start at the working directory. Pure.

import { resolve } from 'node:path'
import type { Settings } from './table.ts'

/** `base`: the absolute `chdir`. */
export function withAbsolutePaths(settings: Settings, base: string): Settings {
  const { accesslog, errorlog, applog, pidfile, control_socket, bind } = settings
  const file = (path: string): string => resolve(base, path)
  const log = (destination: Settings['accesslog']): Settings['accesslog'] => {
    if (destination === null || destination === '-') return destination
    if (typeof destination === 'string') return file(destination)
    return { ...destination, path: destination.path === '-' ? '-' : file(destination.path) }
  }
  return {
    ...settings,
    accesslog: log(accesslog),
    errorlog: log(errorlog),
    applog: log(applog),
    pidfile: pidfile === null ? null : file(pidfile),
    control_socket: control_socket === null ? null : file(control_socket),
    bind: withAbsoluteSockets(bind, base),
  }
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
