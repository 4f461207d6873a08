// Runs in a worker, once at boot: waits until a program that exports no app listens. Nothing in Node says
// that a program never will, except that it has nothing left to wait for.

import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import { without } from '../../os/program/active-resources.ts'
import type { ListenCalls } from './listen-calls.ts'

/** Milliseconds between two looks. */
const interval = 50
/** Milliseconds without anything that the program could wait for, after which it will not listen. */
const idleLimit = 1000
/** Milliseconds after which the log says that the worker still waits. */
const slow = 5000

export interface AwaitListen {
  readonly calls: Pick<ListenCalls, 'listening'>
  /** What kept the process alive before the app was loaded. */
  readonly before: readonly string[]
  /** What the program is waiting for now. Default: process.getActiveResourcesInfo. */
  readonly active?: () => readonly string[]
  /** Called once when it takes long. */
  readonly onSlow: () => void
}

/**
 * Resolves to true when a server of the app listens, to false when none will. The limit of a program that
 * waits for something is `boot_timeout`.
 */
export async function awaitListen({ calls, before, active, onSlow }: AwaitListen): Promise<boolean> {
  const now = active ?? (() => process.getActiveResourcesInfo())
  let [idle, waited] = [0, 0]
  while (!(await listens(calls))) {
    idle = without(now(), before).length > 0 ? 0 : idle + interval
    if (idle > idleLimit) return false
    if (waited < slow && waited + interval >= slow) onSlow()
    waited += interval
    await delay(interval)
  }
  return true
}

/** A program may listen only to find a free port, and close again at once. */
async function listens(calls: Pick<ListenCalls, 'listening'>): Promise<boolean> {
  if (calls.listening.length === 0) return false
  await nextTurn()
  await nextTurn()
  // Another server of the program may name an address of `bind` a moment later, and is the one then.
  if (calls.listening[0]?.place === 'first') await delay(interval)
  return calls.listening.length > 0
}
