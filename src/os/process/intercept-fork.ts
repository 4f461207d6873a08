// Runs in a worker and in the processes that its app forks: changes what child_process.fork() is called with.
// cluster.fork() and libraries such as BullMQ start their processes by it.

import { createRequire, syncBuiltinESMExports } from 'node:module'
import type * as ChildProcesses from 'node:child_process'

type Options = Readonly<Record<string, unknown>>

/** What a call of fork() is about. */
export interface ForkCall {
  readonly file: string
  readonly options: Options
}

/** Returns other options, or `refuse` for a call that starts no process. */
export type ChangeFork = (call: ForkCall) => Options | 'refuse'

/** Applies to each call from now on, however the function is imported. */
export function interceptFork(change: ChangeFork): void {
  // Parse boundary: require() is untyped. Its object is the one that CommonJS and Node itself see.
  const module = createRequire(import.meta.url)('node:child_process') as {
    -readonly [Name in keyof typeof ChildProcesses]: (typeof ChildProcesses)[Name]
  }
  const { fork, ChildProcess } = module
  module.fork = new Proxy(fork, {
    apply(target, self, [file, ...rest]: [unknown, ...unknown[]]) {
      const words = Array.isArray(rest[0]) ? rest[0] : []
      const given = (Array.isArray(rest[0]) || rest[0] == null ? rest[1] : rest[0]) ?? {}
      const options = change({ file: String(file), options: Object(given) })
      // An object that never emits: cluster.fork() returns a worker that never comes online.
      if (options === 'refuse') return new ChildProcess()
      return Reflect.apply(target, self, [file, words, options])
    },
  })
  syncBuiltinESMExports()
}
