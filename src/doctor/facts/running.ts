// The server of this config that runs now, if one does.

import { resolve } from 'node:path'
import type { Settings } from '../../config/settings/table.ts'
import { isId, ownerOf, PidfileError, type Locks } from '../../os/process/pidfile-owner.ts'
import { loadNative } from '../../os/system/native.ts'

export interface RunningMaster {
  readonly pid: number
  readonly pidfile: string
}

/** Read from the pidfile, by the rule of the start. Undefined without a pidfile, or when it is stale. */
export function runningMaster(
  { pidfile }: Pick<Settings, 'pidfile'>,
  directory: string,
  locks: Locks = loadNative(),
): RunningMaster | undefined {
  if (pidfile === null) return undefined
  const path = resolve(directory, pidfile)
  const owner = readOwner(path, locks)
  return owner !== undefined && isId(owner) ? { pid: Number(owner), pidfile: path } : undefined
}

function readOwner(path: string, locks: Locks): string | undefined {
  try {
    return ownerOf(path, locks)
  } catch (error) {
    if (error instanceof PidfileError) return undefined // checkPlace says that it cannot be read
    throw error
  }
}
