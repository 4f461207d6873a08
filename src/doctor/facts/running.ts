// The server of this config that runs now, if one does.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Settings } from '../../config/settings/table.ts'
import { isMasterTitle, titleOf } from '../../os/process/socket-holders.ts'

export interface RunningMaster {
  readonly pid: number
  readonly pidfile: string
}

/** Read from the pidfile. Undefined without a pidfile, or when its process is not a master of tsgun. */
export function runningMaster({ pidfile }: Settings, directory: string): RunningMaster | undefined {
  if (pidfile === null) return undefined
  const path = resolve(directory, pidfile)
  const pid = readPid(path)
  return pid !== undefined && isMasterTitle(titleOf(pid) ?? '') ? { pid, pidfile: path } : undefined
}

function readPid(path: string): number | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim()
    return /^\d{1,10}$/.test(text) ? Number(text) : undefined
  } catch {
    return undefined // no such file, or none that this user may read: checkPlace tells the latter
  }
}
