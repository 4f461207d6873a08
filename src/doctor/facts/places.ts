// The files and sockets that the master makes, by the settings, as the file system has them now.

import { dirname, resolve } from 'node:path'
import type { Settings } from '../../config/settings/table.ts'
import { listOf } from '../../config/settings/list-of.ts'
import { parseAddress } from '../../listen/address.ts'
import { logsIn } from '../../logging/files/destination.ts'
import { pathFacts, type PathFacts } from './path-facts.ts'

export interface Place {
  /** The setting that names it. */
  readonly setting: string
  readonly what: 'log' | 'pidfile' | 'socket'
  readonly path: PathFacts
  readonly directory: PathFacts
}

/** `directory`: where relative paths start, the absolute `chdir`. */
export function placesOf(settings: Settings, directory: string): readonly Place[] {
  const place = (setting: string, what: Place['what'], path: string): Place => {
    const absolute = resolve(directory, path)
    return { setting, what, path: pathFacts(absolute), directory: pathFacts(dirname(absolute)) }
  }
  const logs = logsIn(settings).flatMap(({ name, destination }) =>
    destination.type === 'file' ? [place(name, 'log', destination.path)] : [],
  )
  const sockets = listOf(settings.bind)
    .map(parseAddress)
    .flatMap((address) => (address.kind === 'unix' ? [place('bind', 'socket', address.path)] : []))
  const { pidfile, control_socket } = settings
  return [
    ...logs,
    ...sockets,
    ...(pidfile === null ? [] : [place('pidfile', 'pidfile', pidfile)]),
    ...(control_socket === null ? [] : [place('control_socket', 'socket', control_socket)]),
  ]
}
