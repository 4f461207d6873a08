// Runs in the arbiter: the sockets that systemd opened for this process (sd_listen_fds(3)).

import { unixPathOf } from '../os/system/handles.ts'
import { BindError } from './bind-error.ts'
import type { InheritedSocket } from './listener.ts'

/** For this process only: removed from the environment, so that no child process uses them. */
export const activationVariables = ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES', 'LISTEN_PIDFDID'] as const

/** SD_LISTEN_FDS_START. */
const firstDescriptor = 3

/**
 * Returns an empty list if the variables are for another process (LISTEN_PID). Throws a BindError when
 * LISTEN_FDS is not a number.
 */
export function activatedSockets(environment: NodeJS.ProcessEnv, pid: number): readonly InheritedSocket[] {
  const { LISTEN_PID: owner, LISTEN_FDS: count = '', LISTEN_FDNAMES: names = '' } = environment
  if (owner !== String(pid)) return []
  if (!/^\d{1,4}$/.test(count))
    throw new BindError(`LISTEN_FDS: expected the number of sockets; got ${JSON.stringify(count)}`)
  const named = names.split(':')
  return Array.from({ length: Number(count) }, (_, index) => {
    const fd = firstDescriptor + index
    const path = unixPathOf(fd)
    return {
      fd,
      requested: `fd://${fd}`,
      foreign: true,
      file: undefined,
      // 'unknown' is systemd's own name for a socket without one
      activation: named[index] === undefined || named[index] === '' ? 'unknown' : named[index],
      address: path === undefined ? undefined : { kind: 'unix', path },
    }
  })
}
