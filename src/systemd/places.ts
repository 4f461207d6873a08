// Runs in the command `tsgun systemd`: the directories that the server writes to, from its config. systemd
// creates those below /run, /var/log and /var/lib; all others must exist. Pure.

import { dirname, join, resolve } from 'node:path'
import { listOf } from '../config/settings/list-of.ts'
import { parseAddress } from '../listen/address.ts'
import { logPaths } from '../config/settings/log-paths.ts'
import { quote, type UnitFacts } from './unit-facts.ts'

const trees = { RuntimeDirectory: '/run/', LogsDirectory: '/var/log/', StateDirectory: '/var/lib/' } as const

type PlaceFacts = Pick<UnitFacts, 'settings' | 'directory' | 'isActivated' | 'node' | 'bin'>

/** Returns the lines of the unit that make these directories writable. */
export function writablePlaces(facts: PlaceFacts): string[] {
  const directories = [...new Set(filesOf(facts).map((file) => dirname(file)))].filter(
    (place) => place !== '/dev',
  )
  const created = Object.entries(trees).flatMap(([setting, tree]) => {
    const inside = directories
      .filter((place) => place.startsWith(tree))
      .map((place) => quote(place.slice(tree.length)))
    return inside.length > 0 ? [`${setting}=${inside.join(' ')}`] : []
  })
  const others = directories.filter((place) => Object.values(trees).every((tree) => !place.startsWith(tree)))
  if (isInTmp(facts)) others.push('/tmp') // tsgun needs a writable temporary directory
  // It has the sockets of the socket unit, which stay when the service stops.
  if (facts.isActivated && created.some((line) => line.startsWith('RuntimeDirectory=')))
    created.push('RuntimeDirectoryPreserve=yes')
  return [...created, ...(others.length > 0 ? [`ReadWritePaths=${others.map(quote).join(' ')}`] : [])]
}

/** Whether a private /tmp would hide the project from the service, or its sockets from other processes. */
export function isInTmp(facts: PlaceFacts): boolean {
  const places = [facts.directory, facts.node, facts.bin, ...filesOf(facts)]
  return places.some((place) => /^(\/var)?\/tmp\//.test(`${place}/`))
}

function filesOf({ settings, directory, isActivated }: PlaceFacts): string[] {
  const at = (path: string): string => resolve(directory, settings.chdir, path)
  const { pidfile, acme, bind, services, schedules_file: ticks } = settings
  const ofServices = Object.values(services).flatMap((service) => listOf(service.bind ?? []))
  // systemd opens those of the server only
  const binds = [...(isActivated ? [] : listOf(bind)), ...ofServices]
  const sockets = binds.flatMap((address) => socketPath(address))
  const certificates = acme === null ? [] : [join(acme.storage, 'files')]
  const others = [pidfile, ticks].filter((path) => path !== null)
  return [...logPaths(settings), ...others, ...sockets, ...certificates].map(at)
}

function socketPath(bind: string): string[] {
  const address = parseAddress(bind)
  return address.kind === 'unix' ? [address.path] : []
}
