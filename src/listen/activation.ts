// Runs in the arbiter: the sockets that systemd opened for this process before it started it
// (sd_listen_fds(3)).

import { unixPathOf } from '../os/system/handles.ts'
import { BindError } from './bind-error.ts'
import type { Found } from './listener.ts'

/** They are for one process: whoever it starts must not take them for its own. */
export const activationVariables = ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES', 'LISTEN_PIDFDID'] as const

/** SD_LISTEN_FDS_START. */
const firstDescriptor = 3

/** None, if the variables are those of another process. Throws a BindError when they make no sense. */
export function activatedSockets(environment: NodeJS.ProcessEnv, pid: number): readonly Found[] {
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
      // as systemd calls it
      activation: named[index] === undefined || named[index] === '' ? 'unknown' : named[index],
      address: path === undefined ? undefined : { kind: 'unix', path },
    }
  })
}
