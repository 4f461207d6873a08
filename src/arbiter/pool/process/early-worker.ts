// Runs in the arbiter: the first worker of a start has a process already, which was started with the command
// itself. It is used if it is what a process started now would be; it then gets in messages what such a
// process inherits.

import { isDeepStrictEqual } from 'node:util'
import type { EarlyProcess } from '../../../os/process/early-process.ts'
import { areLate, inheritedNow } from '../../../os/process/inherited.ts'
import {
  spawnProcess,
  type SpawnedProcess,
  type SpawnHandlers,
  type SpawnOptions,
} from '../../../os/process/spawn.ts'
import type { NativeCalls } from '../../../os/system/native.ts'
import { seal } from '../../../ipc/messages.ts'

/** Returns a function that starts processes; the first one is `early`, if that suits. */
export function spawnFrom(early: EarlyProcess, native: NativeCalls | Error): typeof spawnProcess {
  let waiting: EarlyProcess | undefined = early
  return (options, handlers) => {
    const first = waiting
    waiting = undefined
    return (first && takeEarly(first, native, options, handlers)) ?? spawnProcess(options, handlers)
  }
}

/** Returns the process for a worker; undefined, after ending it, if it does not suit. */
function takeEarly(
  early: EarlyProcess,
  native: NativeCalls | Error,
  wanted: SpawnOptions,
  handlers: SpawnHandlers,
): SpawnedProcess | undefined {
  if (native instanceof Error || !suits(early, wanted)) return void early.discard()
  const taken = early.take(handlers)
  if (taken === undefined) return void early.discard()
  const { environment, directory } = wanted
  taken.send(seal({ type: 'inherit', environment, directory }))
  for (const fd of wanted.inherit) taken.sendSocket(seal({ type: 'socket' }), native.dup(fd))
  return taken
}

/** Whether it is what a process started now would be, but for what messages can make up. */
function suits({ options, inherited }: EarlyProcess, wanted: SpawnOptions): boolean {
  return (
    options.entry === wanted.entry &&
    options.output === wanted.output &&
    options.counters === wanted.counters &&
    wanted.nodeFlags.length === 0 &&
    (wanted.files ?? []).length === 0 && // a message brings sockets only
    areLate(options.environment, wanted.environment) &&
    isDeepStrictEqual(inherited, inheritedNow())
  )
}
