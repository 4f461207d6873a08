// Workers, and the threads and processes that an app starts: each thread of the app loads TypeScript as the
// worker does.
import { createRequire, syncBuiltinESMExports } from 'node:module'
import type * as WorkerThreads from 'node:worker_threads'
import { hasCode } from '../../os/error-code.ts'
import { isOwnCode } from '../files/paths.ts'
import { withRegistration } from './registration.ts'

type Constructor = typeof WorkerThreads.Worker
type Arguments = ConstructorParameters<Constructor>

/** Starts all threads with an option of Node from now on, but not those of tsgun itself. */
export function registerInThreads(option: string): void {
  // Parse boundary: require() is untyped. Its object is the one that CommonJS sees.
  const module = createRequire(import.meta.url)('node:worker_threads') as { Worker: Constructor }
  module.Worker = new Proxy(module.Worker, {
    construct: (target, words: Arguments, newTarget: Constructor) => start(target, words, newTarget, option),
  })
  syncBuiltinESMExports()
}

function start(target: Constructor, words: Arguments, newTarget: Constructor, option: string): object {
  const [file, options = {}] = words
  const construct = (execArgv: readonly string[] | undefined): WorkerThreads.Worker =>
    Reflect.construct(
      target,
      [file, execArgv === undefined ? options : { ...options, execArgv }],
      newTarget,
    ) as WorkerThreads.Worker
  if (isOwnCode(file)) return construct(undefined)
  if (options.execArgv !== undefined) return construct(withRegistration(options.execArgv, option))
  // With an environment of its own a thread inherits no options.
  const inherited = options.env === undefined ? process.execArgv : []
  try {
    return construct(withRegistration(inherited, option))
  } catch (error) {
    // Options of the whole process may not be repeated for a thread; it has them anyway.
    if (!hasCode(error, 'ERR_WORKER_INVALID_EXEC_ARGV')) throw error
    const refused = String(error)
    return construct(
      withRegistration(
        inherited.filter((word) => !refused.includes(word)),
        option,
      ),
    )
  }
}
