// Workers, and the threads and processes that an app starts: what is started from now on loads TypeScript as
// this process does.
import { isMainThread } from 'node:worker_threads'
import { interceptFork } from '../../os/process/intercept-fork.ts'
import { isOwnCode } from '../files/paths.ts'
import { registrationOption, withRegistration } from './registration.ts'
import { registerInThreads } from './threads.ts'

/** Called once in a process or thread. */
export function passOn(storeDirectory: string): void {
  const option = registrationOption(storeDirectory)
  registerInThreads(option)
  // fork() repeats the options in process.execArgv.
  if (isMainThread && !process.execArgv.includes(option)) process.execArgv.push(option)
  interceptFork(({ file, options }) => {
    const { execArgv } = options
    if (!Array.isArray(execArgv) || isOwnCode(file)) return options
    return { ...options, execArgv: withRegistration(execArgv.map(String), option) }
  })
  // @fastify/autoload looks at it before it loads TypeScript.
  process.env['FASTIFY_AUTOLOAD_TYPESCRIPT'] ??= '1'
}
