// The user and group that workers run as: looked up in the arbiter before any socket is bound, set in the
// worker.

import { execFileSync } from 'node:child_process'
import { hasCode } from '../error-code.ts'
import { accountOf, type Account } from './account.ts'

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the only way to add to Node's own types
  namespace NodeJS {
    interface Process {
      /**
       * initgroups(3), https://nodejs.org/api/process.html#processinitgroupsuser-extragroup; missing in
       * @types/node 20.
       */
      initgroups?(user: string | number, extraGroup: string | number): void
    }
  }
}

export interface Identity {
  readonly uid: number | undefined
  readonly gid: number | undefined
  /** The user's name, to set its supplementary groups (initgroups); undefined: they are dropped. */
  readonly initgroups: string | undefined
  /** Another group that its processes belong to: the id of that of the app's workers. */
  readonly extraGroup?: number | undefined
  /** Of the user; undefined when workers keep that of the master. */
  readonly account: Account | undefined
}

export interface IdentitySettings {
  readonly user: string | number | null
  readonly group: string | number | null
  readonly initgroups: boolean
}

/** A user or group that cannot be looked up, or has not what is needed. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError'
  readonly setting: keyof IdentitySettings

  constructor(setting: keyof IdentitySettings, message: string, options?: ErrorOptions) {
    super(message, options)
    this.setting = setting
  }
}

/**
 * Throws an IdentityError that names the user or group that does not exist. id(1) and getent(1) use every
 * source of names, also LDAP.
 */
export function lookUpIdentity({ user, group, initgroups }: IdentitySettings): Identity {
  const name = user === null ? undefined : String(user)
  const uid = name === undefined ? undefined : userId(name)
  const ownGid = name === undefined ? undefined : (): number => ownGroup(name)
  const gid = group === null ? ownGid?.() : groupId(String(group))
  return {
    uid,
    gid,
    initgroups: initgroups && name !== undefined ? userName(name) : undefined,
    account: name === undefined ? undefined : accountOf(name),
  }
}

/** In the worker: drops root for good. Groups are set first, because that needs root. */
export function takeOnIdentity({ uid, gid, initgroups, extraGroup }: Identity): void {
  const extra = extraGroup === undefined ? [] : [extraGroup]
  if (gid !== undefined) {
    if (initgroups === undefined) process.setgroups?.([gid, ...extra])
    else process.initgroups?.(initgroups, gid)
    if (initgroups !== undefined && extra.length > 0)
      process.setgroups?.([...(process.getgroups?.() ?? []), ...extra])
    process.setgid?.(gid)
  }
  if (uid !== undefined) process.setuid?.(uid)
}

/** A number may be an id without a name, as in containers. */
function userId(name: string): number {
  if (isId(name)) return Number(name)
  return Number(query('user', 'id', ['-u', '--', name], `user ${name} does not exist`))
}

function ownGroup(name: string): number {
  return Number(
    query('user', 'id', ['-g', '--', name], `user ${name} has no primary group; set \`group\` too`),
  )
}

function userName(name: string): string {
  return isId(name)
    ? query(
        'initgroups',
        'id',
        ['-un', '--', name],
        `user ${name} has no name; \`initgroups\` needs one`,
      ).trim()
    : name
}

function groupId(name: string): number {
  if (isId(name)) return Number(name)
  return Number(query('group', 'getent', ['group', '--', name], `group ${name} does not exist`).split(':')[2])
}

function isId(name: string): boolean {
  return /^\d+$/.test(name)
}

function query(
  setting: keyof IdentitySettings,
  program: string,
  words: readonly string[],
  problem: string,
): string {
  try {
    return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch (error) {
    const isMissing = hasCode(error, 'ENOENT')
    const message = isMissing
      ? `${program}(1) is not installed, so names cannot be looked up; use a number`
      : problem
    throw new IdentityError(setting, message, { cause: error })
  }
}
