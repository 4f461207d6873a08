// What the user of the workers may read, and what others may. Pure.

import { warning, wrong, type Finding } from '../findings/finding.ts'
import type { PathFacts } from '../facts/path-facts.ts'
import type { Who } from '../facts/who.ts'
import { blockedAt } from './access.ts'

/** A file that workers read, with the directories above it. */
export interface ReadByWorkers {
  readonly subject: string
  readonly way: readonly PathFacts[]
}

export function checkWorkerAccess(files: readonly ReadByWorkers[], who: Who, user: string): Finding[] {
  return files.flatMap(({ subject, way }) => {
    const target = way.at(-1)
    if (target === undefined || target.kind === 'missing') return []
    const need = target.kind === 'directory' ? 'enter' : 'read'
    const blocked = blockedAt(way, who, need)
    if (blocked === undefined) return []
    const verb = blocked.kind === 'directory' ? 'enter' : 'read'
    return [
      wrong(
        subject,
        `${target.path}: the user of the workers, ${user}, may not ${verb} ${blocked.path} ` +
          `(${octal(blocked.mode)})`,
        `chmod o+${blocked.kind === 'directory' ? 'x' : 'r'} ${blocked.path}, or chown it to ${user}`,
      ),
    ]
  })
}

const [othersRead, othersWrite] = [0o004, 0o002]

/** Keys and variables that every user of the machine can read. */
export function checkSecrets(files: readonly PathFacts[]): Finding[] {
  return files
    .filter(({ kind, mode }) => kind === 'file' && (mode & othersRead) !== 0)
    .map(({ path, mode }) =>
      warning(
        'secrets',
        `${path} (${octal(mode)}) can be read by every user of this machine`,
        `chmod 640 ${path}`,
      ),
    )
}

/** Code that another user can change runs with the rights of the master. */
export function checkCode(files: readonly PathFacts[]): Finding[] {
  return files
    .filter(({ kind, mode }) => kind === 'file' && (mode & othersWrite) !== 0)
    .map(({ path, mode }) =>
      wrong(
        'code',
        `${path} (${octal(mode)}) can be changed by every user of this machine`,
        `chmod o-w ${path}`,
      ),
    )
}

export interface MasterUser {
  readonly isRoot: boolean
  /** Whether `user` is set. */
  readonly hasUser: boolean
  readonly isContainer: boolean
}

export function checkRoot({ isRoot, hasUser, isContainer }: MasterUser): Finding[] {
  if (!isRoot || hasUser) return []
  const remedy = isContainer
    ? 'USER node in the Dockerfile, or `user`'
    : 'User= in the systemd unit, or `user`'
  return [warning('user', 'this user is root, and so are the workers then', remedy)]
}

function octal(mode: number): string {
  return `mode ${mode.toString(8).padStart(3, '0')}`
}
