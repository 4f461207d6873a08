// Runs in the command, for `--check-config` and `tsgun doctor`: what a start would meet besides the config:
// the directories that it writes to, the user of its workers, its addresses.

import { listOf } from '../config/settings/list-of.ts'
import { formatAddress, parseAddress } from '../listen/address.ts'
import { bindPlaces } from '../listen/slots.ts'
import { acmePlaces } from '../tls/acme-settings.ts'
import { checkAddress } from './checks/addresses.ts'
import { checkCreation, checkPlace } from './checks/places.ts'
import { checkStorage } from './checks/storage.ts'
import { checkWorkerAccess, type ReadByWorkers } from './checks/users.ts'
import { addressFacts } from './facts/address-facts.ts'
import { wayTo } from './facts/path-facts.ts'
import { placesOf } from './facts/places.ts'
import { runningMaster } from './facts/running.ts'
import { workerUser } from './facts/who.ts'
import type { Finding } from './findings/finding.ts'
import type { Subject } from './subject.ts'

/** The current directory is that of the config (`chdir`), as in a server. */
export async function preflight(subject: Subject): Promise<Finding[]> {
  const { settings, directory } = subject.config
  const places = placesOf(settings, directory).flatMap((place) => [
    ...checkPlace(place),
    ...checkCreation(place),
  ])
  const { acme } = settings
  const storage = acme === null ? [] : checkStorage(wayTo(acmePlaces(acme, directory).storage))
  return [...places, ...storage, ...checkUser(subject), ...(await checkAddresses(subject))]
}

function checkUser({ config }: Subject): Finding[] {
  const { settings, appFile, hookFiles, file, directory } = config
  const who = workerUser(config.identity)
  if (who === undefined) return []
  const read = (subject: string, path: string): ReadByWorkers => ({ subject, way: wayTo(path) })
  const files = [
    read('chdir', directory),
    ...(appFile === null ? [] : [read('app', appFile)]),
    ...hookFiles.map((path) => read('hooks', path)),
    ...(file === null ? [] : [read('config', file)]),
  ]
  return checkWorkerAccess(files, who, String(settings.user ?? `group ${settings.group}`))
}

async function checkAddresses({ config: { settings, directory }, workers }: Subject): Promise<Finding[]> {
  const server = {
    running: runningMaster(settings, directory),
    name: settings.proc_name ?? settings.app ?? '',
  }
  const places = bindPlaces(listOf(settings.bind).map(parseAddress), workers)
  const facts = await Promise.all(
    places.map(({ address }) => addressFacts(formatAddress(address), directory)),
  )
  return facts.map((each) => checkAddress(each, server))
}
