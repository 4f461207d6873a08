// Runs in the master, as the first process of a container: which of its children have exited without being
// waited for, and the call that waits for one of them, which Node lacks.

import { readFileSync } from 'node:fs'
import { hasCode } from '../error-code.ts'
import { bindKoffi } from './koffi.ts'

/** WNOHANG and __WNOTHREAD of waitpid(2): orphans become children of the main thread. */
const [doNotWait, ownThreadOnly] = [1, 0x20000000]

/** waitpid(2) of one child that has exited. Nothing happens when another part of this process was first. */
export type Reap = (pid: number) => void

/** Returns the call, or the reason why it is not available. Load it once: each load takes memory. */
export function loadReap(): Reap | Error {
  return bindKoffi((koffi) => {
    const waitpid: (pid: number, status: null, options: number) => number = koffi
      .load('libc.so.6')
      .func('int waitpid(int pid, void *status, int options)')
    return (pid) => void waitpid(pid, null, doNotWait | ownThreadOnly)
  })
}

/** One child, which no later process can be mistaken for. */
export interface Zombie {
  readonly pid: number
  /** Ticks of the system between its boot and the start of the process. */
  readonly startedAt: number
}

/** Throws where the kernel has no list of children (CONFIG_PROC_CHILDREN), or /proc is not mounted. */
export function findZombies(parent = process.pid): readonly Zombie[] {
  const pids = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').split(' ').filter(Boolean)
  return pids.flatMap((pid) => zombieOf(Number(pid)) ?? [])
}

/** Undefined when it lives, or exists no more. */
function zombieOf(pid: number): Zombie | undefined {
  try {
    // proc(5): the name, which may have any characters, ends at the last parenthesis
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields[0] === 'Z' ? { pid, startedAt: Number(fields[19]) } : undefined
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return undefined
    throw error
  }
}
