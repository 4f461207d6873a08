// Limits of the user under which a process of Node.js may not start: V8 then ends it with a signal and says
// nothing, or nothing of the limit. Runs in the arbiter, after such an end.

import { readIfThere } from './cgroup.ts'

/** V8 reserves some GiB of addresses, most of which it never uses. */
const enoughAddresses = 8 * 2 ** 30
/** A process of Node.js has 11 threads or more, and each counts. */
const enoughThreads = 256

/** Returns the limit and its remedy; undefined if none is low. `text`: as /proc/self/limits has it. */
export function lowLimit(
  text = readIfThere('/proc/self/limits') ?? '',
  isRoot = process.geteuid?.() === 0,
): string | undefined {
  const addresses = softLimit(text, 'Max address space')
  if (addresses < enoughAddresses)
    return `its address space is limited to ${mebibytes(addresses)} MiB; raise ulimit -v (LimitAS=)`
  const threads = softLimit(text, 'Max processes') // root has none
  if (threads < enoughThreads && !isRoot)
    return `its user may have only ${threads} processes and threads; raise ulimit -u (LimitNPROC=)`
  return undefined
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20)
}

function softLimit(text: string, name: string): number {
  const value = new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(text)?.[1]
  return value === undefined ? Infinity : Number(value)
}
