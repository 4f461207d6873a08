// Runs in the command `tsgun systemd`: where the server writes, by its config. systemd makes the directories
// of its own trees; all others have to be there. Pure.

import { dirname, resolve } from 'node:path'
import { listOf } from '../config/settings/list-of.ts'
import { parseAddress } from '../listen/address.ts'
import type { Settings } from '../config/settings/table.ts'
import type { UnitFacts } from './units.ts'
import { quote } from './unit-text.ts'

const trees = { RuntimeDirectory: '/run/', LogsDirectory: '/var/log/', StateDirectory: '/var/lib/' } as const

type PlaceFacts = Pick<UnitFacts, 'settings' | 'directory' | 'isActivated' | 'node' | 'bin'>

export function writablePlaces(facts: PlaceFacts): string[] {
  const directories = [...new Set(filesOf(facts).map((file) => dirname(file)))].filter(
    (place) => place !== '/dev',
  )
  const made = Object.entries(trees).flatMap(([setting, tree]) => {
    const inside = directories
      .filter((place) => place.startsWith(tree))
      .map((place) => quote(place.slice(tree.length)))
    return inside.length > 0 ? [`${setting}=${inside.join(' ')}`] : []
  })
  const others = directories.filter((place) => Object.values(trees).every((tree) => !place.startsWith(tree)))
  if (isInTmp(facts)) others.push('/tmp') // tsgun needs one that it can write
  // systemd's own sockets are in it, and outlive the service.
  if (facts.isActivated && made.some((line) => line.startsWith('RuntimeDirectory=')))
    made.push('RuntimeDirectoryPreserve=yes')
  return [...made, ...(others.length > 0 ? [`ReadWritePaths=${others.map(quote).join(' ')}`] : [])]
}

/** A private /tmp would hide the project, or its sockets, from the service or from everybody else. */
export function isInTmp(facts: PlaceFacts): boolean {
  const places = [facts.directory, facts.node, facts.bin, ...filesOf(facts)]
  return places.some((place) => /^(\/var)?\/tmp\//.test(`${place}/`))
}

function filesOf({ settings, directory, isActivated }: PlaceFacts): string[] {
  const at = (path: string): string => resolve(directory, settings.chdir, path)
  const logs = [settings.accesslog, settings.errorlog, settings.applog].flatMap((log) => pathOf(log))
  const sockets = isActivated ? [] : listOf(settings.bind).flatMap((address) => socketPath(address))
  return [...logs, ...(settings.pidfile === null ? [] : [settings.pidfile]), ...sockets].map(at)
}

function pathOf(log: Settings['accesslog']): string[] {
  if (log === null) return []
  const path = typeof log === 'string' ? log : log.path
  return path === '-' ? [] : [path]
}

function socketPath(bind: string): string[] {
  const address = parseAddress(bind)
  return address.kind === 'unix' ? [address.path] : []
}
