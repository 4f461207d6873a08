// Runs in the arbiter: the first worker of a start has a process already, which was started with the command
// itself. It is used if it is what a process started now would be; it then gets in messages what such a
// process inherits.

import { isDeepStrictEqual } from 'node:util'
import type { EarlyProcess } from '../../../os/process/early-process.ts'
import { areLate, inheritedNow, type Inherited } from '../../../os/process/inherited.ts'
import type { SpawnedProcess, SpawnHandlers, SpawnOptions } from '../../../os/process/spawn.ts'
import type { NativeCalls } from '../../../os/system/native.ts'
import { seal } from '../../../ipc/messages.ts'

export interface EarlyWorkerParts {
  readonly process: EarlyProcess
  /** What it has inherited. */
  readonly inherited: Inherited
  readonly native: NativeCalls | Error
}

/** Returns the process for a worker; undefined, after ending it, if it does not suit. */
export function takeEarly(
  { process: early, inherited, native }: EarlyWorkerParts,
  wanted: SpawnOptions,
  handlers: SpawnHandlers,
): SpawnedProcess | undefined {
  const suits = isAlike(early.options, wanted) && isDeepStrictEqual(inherited, inheritedNow())
  const taken = suits && !(native instanceof Error) ? early.take(handlers) : undefined
  if (taken === undefined || native instanceof Error) {
    void early.discard()
    return undefined
  }
  const { environment, directory } = wanted
  taken.send(seal({ type: 'inherit', environment, directory }))
  for (const fd of wanted.inherit) taken.sendSocket(seal({ type: 'socket' }), native.dup(fd))
  return taken
}

/** Whether the difference can be made up by messages. */
function isAlike(early: SpawnOptions, wanted: SpawnOptions): boolean {
  return (
    early.entry === wanted.entry &&
    early.output === wanted.output &&
    wanted.nodeFlags.length === 0 &&
    areLate(early.environment, wanted.environment)
  )
}
