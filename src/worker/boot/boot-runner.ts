// Runs in the process of a service with `run`: from its module to a process that waits for its turn to call
// start(). The module is loaded first: a broken one is noticed while the instance before still runs.

import { openSync } from 'node:fs'
import type { App } from '../../app/model/app.ts'
import type { RemoteLock } from '../../config/sources/service-plans.ts'
import type { ServiceBoot } from '../../ipc/boot-parts.ts'
import { log } from '../../logging/records/app-log.ts'
import { systemClock } from '../../os/system/clock.ts'
import { withoutOwnFrames } from '../../os/own-frames.ts'
import { tryLock } from '../../os/system/file-lock.ts'
import { callsOf, loadNative, type NativeCalls } from '../../os/system/native.ts'
import { findStart } from '../../services/find-start.ts'
import { Runner, type RunnerOptions } from '../../services/runner.ts'
import type { BootContext } from './context.ts'
import { RunnerServing } from './runner-serving.ts'
import type { Booted } from './steps.ts'

export async function bootRunner(context: BootContext, { name, lock, remote }: ServiceBoot): Promise<Booted> {
  const { message, watch, loader, system, reportRunning } = context
  const { appFile, nr, checkOnly } = message
  const file = appFile ?? ''
  watch.enter(`it is still loading ${file}`)
  const start = findStart(await loader.load(file), file)
  const native = callsOf(loadNative())
  // An instance of which only one may run does not outlive its master: nothing would prevent a second one.
  if (lock !== undefined && !checkOnly) {
    dieWithMaster(native, system.masterPid)
    if (native === undefined) log.warn(unlocked(name, 'koffi could not be loaded'))
  }
  const lease = remote === undefined || checkOnly ? undefined : await openLease(context, remote)
  const runner = new Runner({
    name,
    nr,
    start,
    log,
    clock: systemClock,
    lock:
      lock === undefined || native === undefined
        ? undefined
        : lockOf(lock, native, (reason) => log.warn(unlocked(name, reason))),
    lease,
    onRunning: reportRunning,
    onFailure: throwUncaught,
  })
  return { app: appOf(runner), serving: new RunnerServing(name, runner) }
}

/** With its client, which most services do not need. */
async function openLease(context: BootContext, remote: RemoteLock): Promise<RunnerOptions['lease']> {
  context.watch.enter('it is loading the package redis')
  const { createLease } = await import('./lease.ts')
  return createLease(context, remote)
}

/** The kernel ends this process with its master. Throws when that has exited already. */
export function dieWithMaster(native: NativeCalls | undefined, master: number): void {
  native?.dieWithParent?.()
  if (process.ppid !== master) throw new Error('the master has exited while this process started')
}

/** The lock belongs to an open file of this process alone; the kernel releases it with the process. */
function lockOf(fd: number, native: NativeCalls, onUnavailable: (reason: string) => void): () => boolean {
  const own = openSync(`/proc/self/fd/${fd}`, 'r')
  return () => {
    const result = tryLock(native, own, 'exclusive')
    if (result === 'unavailable') onUnavailable('files in the temporary directory cannot be locked')
    return result !== 'held'
  }
}

function unlocked(name: string, reason: string): string {
  return `two processes of the service ${name} may run at once for a moment, because ${reason}`
}

/** Ends this process as an uncaught error does: it is logged with its stack, and counts as a failure. */
export function throwUncaught(error: unknown): void {
  if (error instanceof Error && error.stack !== undefined)
    Reflect.set(error, 'stack', withoutOwnFrames(error.stack)) // false for a frozen one, which stays as it is
  queueMicrotask(() => {
    throw error
  })
}

function appOf(runner: Runner): App {
  return { kind: 'run', handle: () => undefined, listen: () => runner.begin() }
}
