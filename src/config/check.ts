// Runs in the arbiter: what no setting can know alone, and what must exist on this machine. All findings are collected.

import { statSync } from 'node:fs'
import { lookUpIdentity } from '../os/identity.ts'
import type { Identity } from '../os/identity.ts'
import type { Problem } from './problem.ts'
import type { SettingName, Settings } from './settings.ts'
import type { Resolved } from './sources.ts'

export interface Checks {
  readonly identity: Identity
  readonly problems: Problem[]
}

const nobodyElse: Identity = { uid: undefined, gid: undefined, initgroups: undefined }

/** `base` is the absolute `chdir`. */
export function checkTogether({ settings, origins }: Resolved, base: string): Checks {
  const problems: Problem[] = []
  const add = (name: SettingName, message: string): void => {
    problems.push({ where: origins[name] === 'default' ? '' : origins[name], name, message })
  }
  if (settings.app === null)
    add('app', 'there is no app to serve; name it in the config file (app: "./app.ts:app") or as the argument of tsgun')
  if (!statSync(base, { throwIfNoEntry: false })?.isDirectory()) add('chdir', `expected a directory that exists; got "${base}"`)
  for (const name of daemonWithoutFiles(settings)) {
    add(name, 'expected a file path or null, because `daemon` has no terminal to write to; got "-"')
  }
  if (settings.initgroups && settings.user === null)
    add('initgroups', 'expected `user` to be set too: it names whose groups the workers get')
  return { identity: identityOf(settings, add), problems }
}

function daemonWithoutFiles(settings: Settings): SettingName[] {
  const logs = ['accesslog', 'errorlog', 'applog'] as const
  return settings.daemon ? logs.filter((name) => settings[name] === '-') : []
}

function identityOf(settings: Settings, add: (name: SettingName, message: string) => void): Identity {
  if (settings.user === null && settings.group === null) return nobodyElse
  const name = settings.user === null ? 'group' : 'user'
  try {
    const identity = lookUpIdentity(settings)
    const changes = identity.uid !== process.geteuid?.() || identity.gid !== process.getegid?.()
    if (!changes) return nobodyElse
    if (process.geteuid?.() !== 0) add(name, 'only a server that root starts can run its workers as another user or group')
    return identity
  } catch (error) {
    add(name, error instanceof Error ? error.message : String(error))
    return nobodyElse
  }
}
