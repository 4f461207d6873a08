// The user that the workers run as, with its groups, as far as files ask for them.

import { readIfThere } from '../../os/limits/cgroup.ts'
import type { Identity } from '../../os/process/identity.ts'

export interface Who {
  readonly uid: number
  readonly gids: readonly number[]
}

/** Undefined when the workers keep the user of the master. */
export function workerUser(identity: Identity): Who | undefined {
  const { uid, gid, initgroups } = identity
  if (uid === undefined && gid === undefined) return undefined
  const groups = initgroups === undefined ? [] : groupsOf(initgroups)
  const own = gid ?? process.getegid?.() ?? 0
  return { uid: uid ?? process.geteuid?.() ?? 0, gids: [own, ...groups] }
}

/** The supplementary groups of a user in /etc/group (group(5)). */
function groupsOf(user: string): readonly number[] {
  return (readIfThere('/etc/group') ?? '').split('\n').flatMap((line) => {
    const [, , gid, members = ''] = line.split(':')
    return members.split(',').includes(user) ? [Number(gid)] : []
  })
}
