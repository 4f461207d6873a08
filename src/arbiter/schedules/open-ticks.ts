// Runs in the arbiter: the file with the last times of the schedules: that of `schedules_file`, or one
// without a name that the new arbiter of an upgrade inherits.

import { closeSync, constants, openSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Generation } from '../model/generation.ts'
import type { PoolContext } from '../pool/pool-parts.ts'
import type { TickStore } from '../model/tick-notes.ts'
import { tickStore } from './tick-store.ts'

/** No service has this name. */
const name = '#schedules'

export interface TickParts {
  readonly locks: PoolContext['locks']
  /** Gets what is to be done at the end of the server. */
  readonly undo: { add(step: () => void): void }
}

/** Throws an error of the file system. */
export function openTicks({ config }: Pick<Generation, 'config'>, { locks, undo }: TickParts): TickStore {
  const { schedules_file } = config.settings
  if (schedules_file === null) return tickStore(locks.of(name, 0, config.identity))
  const fd = openSync(resolve(schedules_file), constants.O_RDWR | constants.O_CREAT, 0o600)
  undo.add(() => closeSync(fd))
  return tickStore(fd)
}
