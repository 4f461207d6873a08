// For tests of users and groups: which user the server can run as here, and which user a process has.

import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeBinary, repository, type Project } from './tsgun.ts'

/** A user without rights that exists on every Linux. */
export const nobody = { uid: idOf('-u'), gid: idOf('-g') }

function idOf(word: '-u' | '-g'): number {
  const { status, stdout } = spawnSync('id', [word, 'nobody'], { encoding: 'utf8' })
  return status === 0 ? Number(stdout) : 65_534
}

/** The reason why a test that changes users cannot run here, or false. */
export const noOtherUser: string | false = ((): string | false => {
  if (process.getuid?.() !== 0) return 'only root can start a server as another user'
  const { status } = spawnSync(nodeBinary, [join(repository, 'bin/tsgun.js'), '--version'], {
    ...nobody,
    cwd: '/',
  })
  return status === 0 ? false : `the user nobody cannot read ${repository}`
})()

/** Gives other users access to a project, as they have to /tmp. */
export function openToAll(project: Project): Project {
  chmodSync(project.directory, 0o711)
  chmodSync(project.path('tmp'), 0o1777)
  return project
}

export interface Identity {
  /** Real, effective, saved and file-system ids. */
  readonly uids: readonly number[]
  readonly gids: readonly number[]
  readonly groups: readonly number[]
}

/** Reads proc(5), /proc/PID/status. */
export function identityOf(pid: number): Identity {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const numbers = (name: string): number[] =>
    (new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '')
      .split(/\s+/)
      .filter((word) => word !== '')
      .map(Number)
  return { uids: numbers('Uid'), gids: numbers('Gid'), groups: numbers('Groups') }
}
