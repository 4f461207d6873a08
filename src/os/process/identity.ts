// The user and group that workers run as: looked up in the master before anything is bound, taken on in the
// worker.

import { execFileSync } from 'node:child_process'

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
  /** The user's name when its supplementary groups are wanted (initgroups). */
  readonly initgroups: string | undefined
}

export interface IdentitySettings {
  readonly user: string | number | null
  readonly group: string | number | null
  readonly initgroups: boolean
}

/**
 * Throws an Error that says which name does not exist. id(1) and getent(1) ask every source of names, also
 * LDAP.
 */
export function lookUpIdentity({ user, group, initgroups }: IdentitySettings): Identity {
  const name = user === null ? undefined : String(user)
  const uid = name === undefined ? undefined : userId(name)
  const ownGid = name === undefined ? undefined : (): number => ownGroup(name)
  const gid = group === null ? ownGid?.() : groupId(String(group))
  return { uid, gid, initgroups: initgroups && name !== undefined ? userName(name) : undefined }
}

/** In the worker: gives up root for good. The order matters: without root no group can be set any more. */
export function takeOnIdentity({ uid, gid, initgroups }: Identity): void {
  if (gid !== undefined) {
    if (initgroups === undefined) process.setgroups?.([gid])
    else process.initgroups?.(initgroups, gid)
    process.setgid?.(gid)
  }
  if (uid !== undefined) process.setuid?.(uid)
}

/** A number may be an id that no name belongs to, as in containers. */
function userId(name: string): number {
  if (isId(name)) return Number(name)
  return Number(ask('id', ['-u', '--', name], `there is no user ${name}`))
}

function ownGroup(name: string): number {
  return Number(ask('id', ['-g', '--', name], `the user ${name} has no group of its own; set \`group\` too`))
}

function userName(name: string): string {
  return isId(name)
    ? ask('id', ['-un', '--', name], `the user ${name} has no name, which \`initgroups\` needs`).trim()
    : name
}

function groupId(name: string): number {
  if (isId(name)) return Number(name)
  return Number(ask('getent', ['group', '--', name], `there is no group ${name}`).split(':')[2])
}

function isId(name: string): boolean {
  return /^\d+$/.test(name)
}

function ask(program: string, words: readonly string[], problem: string): string {
  try {
    return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw new Error(missing ? `this machine has no ${program}(1) to look up names; use numbers` : problem, {
      cause: error,
    })
  }
}
