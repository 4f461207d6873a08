// Runs in the arbiter: what no setting can know alone, and what must exist on this machine. All findings are
// collected.

import { accessSync, constants, statSync } from 'node:fs'
import { formatAddress, parseAddress } from '../listen/address.ts'
import { channels, type Channel } from '../logging/channels.ts'
import { placeOf, settingOf } from '../logging/files/places.ts'
import { lookUpIdentity, type Identity } from '../os/process/identity.ts'
import { listOf } from './settings/list-of.ts'
import type { Problem } from './problems/problem.ts'
import type { SettingName, Settings } from './settings/table.ts'
import type { Resolution } from './sources/resolve.ts'

export interface Checks {
  readonly identity: Identity
  readonly problems: readonly Problem[]
  /** All settings that are wrong, alone or with others. */
  readonly wrong: ReadonlySet<SettingName>
}

/** Says what is wrong with a setting; `others` are those that it was judged by. */
type Add = (name: SettingName, message: string, others?: readonly SettingName[]) => void

const nobodyElse: Identity = { uid: undefined, gid: undefined, initgroups: undefined }

/** `base` is the absolute `chdir`. When the command line was not understood, it may have named an app. */
export function checkTogether(
  { settings, origins, written, wrong }: Resolution,
  base: string,
  argumentsUnclear = false,
): Checks {
  const problems: Problem[] = []
  const all = new Set(wrong)
  const add: Add = (name, message, others = []) => {
    // A setting that is wrong in itself has a default's value here: what that does to others says nothing.
    if ([name, ...others].some((involved) => wrong.has(involved))) return
    all.add(name)
    problems.push({ where: origins[name] === 'default' ? '' : origins[name], name: written[name], message })
  }
  if (settings.app === null && !settings.print_config && !argumentsUnclear)
    add(
      'app',
      'there is no app to serve; name it in the config file (app: "./app.ts:app") or as the argument ' +
        'of tsgun',
    )
  checkDirectory(base, add)
  checkAddresses(settings, add)
  for (const name of daemonWithoutFiles(settings)) {
    const message = 'expected a file path or null, because `daemon` has no terminal to write to'
    add(name, `${message}; got ${JSON.stringify(settings[name])}`, ['daemon'])
  }
  checkSharedLogs(settings, add)
  if (settings.initgroups && settings.user === null)
    add('initgroups', 'expected `user` to be set too: it names whose groups the workers get', ['user'])
  return { identity: identityOf(settings, add), problems, wrong: all }
}

function checkDirectory(base: string, add: Add): void {
  if (!statSync(base, { throwIfNoEntry: false })?.isDirectory())
    add('chdir', `expected a directory that exists; got "${base}"`)
  else if (!canEnter(base)) add('chdir', `expected a directory that this user may enter; got "${base}"`)
}

function canEnter(directory: string): boolean {
  try {
    accessSync(directory, constants.X_OK)
    return true
  } catch {
    return false // EACCES: that is the answer
  }
}

function checkAddresses({ bind, daemon }: Settings, add: Add): void {
  const shown = listOf(bind).map(parseAddress).map(formatAddress)
  const inherited = daemon ? shown.find((address) => address.startsWith('fd://')) : undefined
  if (inherited !== undefined)
    add(
      'bind',
      `expected an address that a daemon can open by itself: it inherits no descriptors; got "${inherited}"`,
      ['daemon'],
    )
  const twice = new Set(
    shown.filter((address, index) => shown.indexOf(address) !== index && !address.endsWith(':0')),
  )
  for (const address of twice) add('bind', `expected each address once; got "${address}" twice`)
}

function daemonWithoutFiles(settings: Settings): SettingName[] {
  const isTerminal = (channel: Channel): boolean => placeOf(channel, settings).type === 'standard'
  return settings.daemon ? channels.filter(isTerminal).map((channel) => settingOf[channel]) : []
}

/** Two logs may be one file, which then can be rotated in one way only. */
function checkSharedLogs(settings: Settings, add: Add): void {
  const seen = new Map<string, { readonly name: SettingName; readonly rotation: string }>()
  for (const channel of channels) {
    const place = placeOf(channel, settings)
    if (place.type !== 'file') continue
    const mine = { name: settingOf[channel], rotation: JSON.stringify(place.rotation) }
    const other = seen.get(place.path) ?? mine
    seen.set(place.path, other)
    if (other.rotation === mine.rotation) continue
    add(
      mine.name,
      `expected the rotation that \`${other.name}\` has, because both are the file ${place.path}`,
      [other.name],
    )
  }
}

function identityOf(settings: Settings, add: Add): Identity {
  if (settings.user === null && settings.group === null) return nobodyElse
  const name = settings.user === null ? 'group' : 'user'
  try {
    const identity = lookUpIdentity(settings)
    const changes = identity.uid !== process.geteuid?.() || identity.gid !== process.getegid?.()
    if (!changes) return nobodyElse
    if (process.geteuid?.() !== 0)
      add(name, 'only a server that root starts can run its workers as another user or group')
    return identity
  } catch (error) {
    add(name, error instanceof Error ? error.message : String(error))
    return nobodyElse
  }
}
