// Runs in the arbiter: what a process inherits from this one besides its descriptors, and whether a process
// that was started earlier has inherited the same. Each value may have been changed by the config or a hook.

import { getPriority } from 'node:os'
import { changedVariables, type Variables } from '../variables.ts'

export interface Inherited {
  readonly users: string
  readonly umask: number
  readonly priority: number
}

/** What a process that is started now inherits. */
export function inheritedNow(): Inherited {
  const umask = process.umask(0o077)
  process.umask(umask)
  const ids = [process.getuid?.(), process.geteuid?.(), process.getgid?.(), process.getegid?.()]
  return { users: [...ids, ...(process.getgroups?.() ?? [])].join(), umask, priority: getPriority() }
}

/**
 * Variables that Node, V8, the C library or the dynamic linker read when a process starts. NODE_ENV is one of
 * the app.
 */
const readAtStart = /^(?:NODE_(?!ENV$)|UV_|LD_|DYLD_|MALLOC_|GLIBC_|OPENSSL_|SSL_|ICU_|LC_|LANG|TZ$)/

/** Whether a running process may get these variables in place of those that it was started with. */
export function areLate(before: Variables, after: Variables): boolean {
  return [...changedVariables(before, after).keys()].every((name) => !readAtStart.test(name))
}
