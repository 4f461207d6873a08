// Runs in the arbiter: checks settings against each other and against this machine (directories, users). All
// problems are collected.

import { accessSync, constants, statSync } from 'node:fs'
import { formatAddress, parseAddress } from '../listen/address.ts'
import { isOneOf, isPerSlot } from '../listen/slots.ts'
import type { Identity } from '../os/process/identity.ts'
import { usualApps } from './app/app-problem.ts'
import { logProblems } from './check-logs.ts'
import { tlsConflicts } from './check-tls.ts'
import { identityOf } from './sources/identity.ts'
import { listOf } from './settings/list-of.ts'
import type { Problem } from './problems/problem.ts'
import type { SettingName, Settings } from './settings/table.ts'
import type { Resolution } from './sources/resolve.ts'

export interface Checks {
  readonly identity: Identity
  readonly problems: readonly Problem[]
  /** All settings with a wrong value, by itself or together with others. */
  readonly wrong: ReadonlySet<SettingName>
}

/** Adds a problem of a setting; `others` are the settings that it was checked against. */
type Add = (name: SettingName, message: string, others?: readonly SettingName[]) => void

export interface CheckContext {
  /** The config file as messages show it; null without one. */
  readonly file: string | null
  /** Where it was searched. */
  readonly directory: string
  /** The command line has errors, and may name an app. */
  readonly argumentsUnclear: boolean
}

/** `base` is the absolute `chdir`. */
export function checkTogether(
  { settings, origins, written, wrong }: Resolution,
  base: string,
  context: CheckContext,
): Checks {
  const problems: Problem[] = []
  const all = new Set(wrong)
  const add: Add = (name, message, others = []) => {
    // A setting with a wrong value has its default here, so a conflict with other settings means nothing.
    if ([name, ...others].some((involved) => wrong.has(involved))) return
    all.add(name)
    problems.push({ where: origins[name] === 'default' ? '' : origins[name], name: written[name], message })
  }
  if (settings.app === null && !settings.print_config && !context.argumentsUnclear && !wrong.has('app'))
    problems.push(noApp(context, settings.preload))
  checkDirectory(base, add)
  checkAddresses(settings, add)
  for (const { name, message, others } of tlsConflicts(settings)) add(name, message, others)
  if (settings.worker_class === 'sync' && settings.http_protocols.includes('h2'))
    add(
      'http_protocols',
      'expected ["h1"] with `worker_class` "sync", because a connection of HTTP/2 carries many requests ' +
        'at once',
      ['worker_class'],
    )
  if (origins.threads !== 'default' && settings.worker_class !== 'threads')
    add(
      'threads',
      `expected \`worker_class\` "threads" to be set too, because workers of the class ` +
        `"${settings.worker_class}" have none`,
      ['worker_class'],
    )
  for (const { setting, message, others } of logProblems(settings)) add(setting, message, others)
  const identity = identityOf(settings, (name, message) =>
    add(name, message, name === 'initgroups' ? ['user'] : []),
  )
  return { identity, problems, wrong: all }
}

function noApp({ file, directory }: CheckContext, preload: string | null): Problem {
  const [app = './app.ts'] = usualApps(directory)
  if (file !== null)
    return { where: file, name: 'app', message: `no app to serve; add app: "${app}", or run: tsgun ${app}` }
  const message =
    `no config file in ${directory} (server.config.ts, …) and no app given: run "tsgun ${app}", or write ` +
    `server.config.ts with export default { app: "${app}" }`
  // In gunicorn --preload has no value.
  const taken =
    preload === null
      ? ''
      : `; --preload took ${preload} as its module: a preload() that the app exports runs without it`
  return { where: '', name: '', message: `${message}${taken}` }
}

function checkDirectory(base: string, add: Add): void {
  if (!statSync(base, { throwIfNoEntry: false })?.isDirectory())
    add('chdir', `expected a directory that exists; got "${base}"`)
  else if (!canEnter(base)) add('chdir', `expected a directory that this user can enter; got "${base}"`)
}

function canEnter(directory: string): boolean {
  try {
    accessSync(directory, constants.X_OK)
    return true
  } catch {
    return false // EACCES
  }
}

function checkAddresses({ bind, daemon }: Settings, add: Add): void {
  const addresses = listOf(bind).map(parseAddress)
  const texts = addresses.map(formatAddress)
  const inherited = daemon ? texts.find((address) => address.startsWith('fd://')) : undefined
  if (inherited !== undefined)
    add('bind', `expected an address to bind, because a daemon inherits no sockets; got "${inherited}"`, [
      'daemon',
    ])
  const twice = new Set(
    texts.filter((address, index) => texts.indexOf(address) !== index && !address.endsWith(':0')),
  )
  for (const address of twice) add('bind', `expected each address once; got "${address}" twice`)
  for (const perSlot of addresses.filter(isPerSlot))
    for (const one of addresses.filter((address) => isOneOf(address, perSlot)))
      add(
        'bind',
        `expected each address once; got "${formatAddress(one)}", which "${formatAddress(perSlot)}" includes`,
      )
}
